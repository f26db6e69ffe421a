import type { FunctionDocs } from './doc.ts';

/** Hashes, ids, numbers, networks and records. */
export const otherDocs: FunctionDocs = {
  CommunityID: {
    summary: 'The Community ID (version 1) of a network flow.',
    examples: [['CommunityID("10.0.0.1", 1234, "10.0.0.2", 80)', '"1:LzRJKgjvUJlC/VQLtISlfACcEzA="']],
  },
  FNV: {
    summary: 'The 64 bits of FNV-1a, as an int.',
    examples: [['FNV("respool")', '4454183219814282319']],
  },
  HasAttrKeyOnDatapoint: {
    summary: 'Whether a data point of the metric has the attribute.',
    examples: [['HasAttrKeyOnDatapoint("host")', 'true']],
  },
  HasAttrOnDatapoint: {
    summary: 'Whether the attribute has this text at the first data point of the metric that has it.',
    examples: [['HasAttrOnDatapoint("host", "a")', 'true']],
  },
  IsInCIDR: {
    summary: 'Whether an IP address lies in one of the networks; false for what is no address.',
    examples: [['IsInCIDR("10.1.2.3", ["10.0.0.0/8", "192.168.0.0/16"])', 'true']],
  },
  IsRootSpan: {
    summary: 'Whether the span has no parent.',
    examples: [['IsRootSpan()', 'true']],
  },
  IsValidLuhn: {
    summary: 'Whether the digits pass the Luhn check, as those of credit cards do.',
    examples: [['IsValidLuhn("4539 1488 0343 6467")', 'true']],
  },
  Log: {
    summary: 'The natural logarithm, of a number greater than 0.',
    examples: [['Log(1)', '0.0']],
  },
  MD5: {
    summary: 'The MD5 hash of a text, in hex.',
    examples: [['MD5("respool")', '"21c138ef46bed520ab9bceb9d6a91265"']],
  },
  Murmur3Hash: {
    summary: 'The 32 bits of MurmurHash3, in hex.',
    examples: [['Murmur3Hash("respool")', '"40db5156"']],
  },
  Murmur3Hash128: {
    summary: 'The 128 bits of MurmurHash3, in hex.',
    examples: [['Murmur3Hash128("respool")', '"a24480df36854e271958eb9154b01009"']],
  },
  ProfileID: {
    summary: 'A profile id from 16 bytes or 32 hex digits.',
    examples: [['ProfileID("0102030405060708090a0b0c0d0e0f10")', '0102030405060708090a0b0c0d0e0f10']],
  },
  SHA1: {
    summary: 'The SHA-1 hash of a text, in hex.',
    examples: [['SHA1("respool")', '"e0c532cf89e423e5b452d3c95e1ddc017ee152f0"']],
  },
  SHA256: {
    summary: 'The SHA-256 hash of a text, in hex.',
    examples: [['SHA256("respool")', '"baae9e47655cca65f4cdcf309a98b4ebc43d9ab1a92c3a087577c7f015c40f28"']],
  },
  SHA512: {
    summary: 'The SHA-512 hash of a text, in hex.',
    examples: [['Len(SHA512("respool"))', '128']],
  },
  SpanID: {
    summary: 'A span id from 8 bytes or 16 hex digits.',
    examples: [['SpanID(0x0102030405060708)', '0102030405060708']],
  },
  TraceID: {
    summary: 'A trace id from 16 bytes or 32 hex digits.',
    examples: [['TraceID("0102030405060708090a0b0c0d0e0f10")', '0102030405060708090a0b0c0d0e0f10']],
  },
  UUID: {
    summary: 'A random UUID (version 4).',
    examples: [['Len(UUID())', '36']],
  },
  UUIDv7: {
    summary: 'A UUID of the time and random bits (version 7).',
    examples: [['Len(UUIDv7())', '36']],
  },
  XXH128: {
    summary: 'The 128 bits of XXH3, in hex.',
    examples: [['XXH128("respool")', '"168bdaa2c0dc62ccfc6ad0e9885c4e7c"']],
  },
  XXH3: {
    summary: 'The 64 bits of XXH3, in hex.',
    examples: [['XXH3("respool")', '"b31facff013c18d1"']],
  },
};
