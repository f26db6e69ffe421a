#!/usr/bin/env node
/** The command line of respool. */
console.log('respool: no command yet');
