// The Collector's own answers to OTTL texts, for the differential fuzzer beside it.
//
// Each line of stdin is {"cases":[{"context","kind","gates","texts","record"}]}, each line of stdout
// {"results":[...]} in the same order. A record is base64 of OTLP protobuf (logs in the context log, metrics in metric and datapoint, else traces), and
// the first of everything in it is worked on. A result holds
//
//	{"refused": message}             the texts do not parse or check
//	{"value": typed}                 of a value or a condition
//	{"failed": message}              it fails on the record
//	{"outcomes": [...], "record"}    per statement "ran", "skipped" or "failed: message", and the record afterwards
//
// with "panic": true beside it where the Go code crashed instead of giving an error.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"reflect"
	"runtime/metrics"
	"strconv"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottldatapoint"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlmetric"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlresource"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlscope"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspanevent"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pprofile"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
)

type oneCase struct {
	Context string   `json:"context"`
	Kind    string   `json:"kind"`
	Gates   []string `json:"gates"`
	Texts   []string `json:"texts"`
	Record  string   `json:"record"`
	Fresh   bool     `json:"fresh"`
}

type result map[string]any

// record holds the payload of a case; only one of them is used.
type record struct {
	traces  ptrace.Traces
	logs    plog.Logs
	metrics pmetric.Metrics
}

// language is OTTL in one context.
type language interface {
	run(item oneCase, rec record) result
}

type typedLanguage[K any] struct {
	parser ottl.Parser[K]
	// open gives the first record of a payload.
	open func(record) (K, func())
	// parsed holds what texts were parsed to: some functions take long to set up, and a case is often asked again. Not
	// so with "fresh": constants are made when a text is parsed, from Go maps in any order.
	parsed map[string]any
}

const mostParsed = 500

func remembered[T any](parsed map[string]any, item oneCase, parse func() (T, error)) (T, error) {
	type entry struct {
		value T
		err   error
	}
	if item.Fresh {
		return parse()
	}
	key := fmt.Sprintf("%q %q %q", item.Kind, item.Gates, item.Texts)
	if found, ok := parsed[key].(entry); ok {
		return found.value, found.err
	}
	if len(parsed) >= mostParsed {
		clear(parsed)
	}
	value, err := parse()
	parsed[key] = entry{value, err}
	return value, err
}

func (l typedLanguage[K]) run(item oneCase, rec record) (res result) {
	target, done := l.open(rec)
	defer done()
	ctx := context.Background()
	switch item.Kind {
	case "value":
		expression, err := remembered(l.parsed, item, func() (*ottl.ValueExpression[K], error) { return l.parser.ParseValueExpression(item.Texts[0]) })
		if err != nil {
			return result{"refused": err.Error()}
		}
		return guarded(func() (any, error) { return expression.Eval(ctx, target) })
	case "condition":
		condition, err := remembered(l.parsed, item, func() (*ottl.Condition[K], error) { return l.parser.ParseCondition(item.Texts[0]) })
		if err != nil {
			return result{"refused": err.Error()}
		}
		return guarded(func() (any, error) { return condition.Eval(ctx, target) })
	default:
		statements, err := remembered(l.parsed, item, func() ([]*ottl.Statement[K], error) { return l.parser.ParseStatements(item.Texts) })
		if err != nil {
			return result{"refused": err.Error()}
		}
		outcomes := make([]string, len(statements))
		res = result{"outcomes": outcomes}
		for i, statement := range statements {
			answer := guarded(func() (any, error) {
				_, matched, err := statement.Execute(ctx, target)
				return matched, err
			})
			if answer["panic"] == true {
				res["panic"] = true
			}
			if message, failed := answer["failed"]; failed {
				outcomes[i] = fmt.Sprintf("failed: %s", message)
			} else if answer["value"].(result)["value"] == true {
				outcomes[i] = "ran"
			} else {
				outcomes[i] = "skipped"
			}
		}
		return res
	}
}

func guarded(eval func() (any, error)) (res result) {
	defer func() {
		if cause := recover(); cause != nil {
			res = result{"failed": fmt.Sprint(cause), "panic": true}
		}
	}()
	value, err := eval()
	if err != nil {
		return result{"failed": err.Error()}
	}
	return result{"value": typed(value)}
}

// typed is a value in the notation of the conformance corpus.
func typed(value any) result {
	switch v := value.(type) {
	case nil:
		return result{"type": "nil"}
	case bool:
		return result{"type": "bool", "value": v}
	case int64:
		return result{"type": "int", "value": strconv.FormatInt(v, 10)}
	case int:
		return typed(int64(v))
	case uint64:
		return result{"type": "int", "value": strconv.FormatUint(v, 10)}
	case float64:
		return result{"type": "double", "value": typedDouble(v)}
	case string:
		if utf8.ValidString(v) {
			return result{"type": "string", "value": v}
		}
		return result{"type": "string", "base64": base64.StdEncoding.EncodeToString([]byte(v))}
	case []byte:
		return result{"type": "bytes", "value": base64.StdEncoding.EncodeToString(v)}
	case pcommon.ByteSlice:
		return typed(v.AsRaw())
	case pcommon.Value:
		return typedElement(v)
	case pcommon.Map:
		entries := result{}
		for key, item := range v.All() {
			if _, known := entries[key]; !known {
				entries[key] = typedElement(item)
			}
		}
		return result{"type": "map", "value": entries}
	case map[string]any:
		entries := result{}
		for key, item := range v {
			entries[key] = typed(item)
		}
		return result{"type": "map", "value": entries}
	case pcommon.Slice:
		items := make([]result, 0, v.Len())
		for _, item := range v.All() {
			items = append(items, typedElement(item))
		}
		return result{"type": "list", "value": items}
	case time.Time:
		seconds := big.NewInt(v.Unix())
		if v.Unix() > math.MaxInt64-62135596800 {
			// What Unix gives is not what the time compares by: that is the seconds from year 1 in 64 bits.
			seconds.Sub(seconds, new(big.Int).Lsh(big.NewInt(1), 64))
		}
		nanos := new(big.Int).Mul(seconds, big.NewInt(1e9))
		nanos.Add(nanos, big.NewInt(int64(v.Nanosecond())))
		_, offset := v.Zone()
		return result{"type": "time", "nanos": nanos.String(), "offset": offset}
	case time.Duration:
		return result{"type": "duration", "nanos": strconv.FormatInt(int64(v), 10)}
	case pcommon.TraceID:
		return result{"type": "trace_id", "value": hex.EncodeToString(v[:])}
	case pcommon.SpanID:
		return result{"type": "span_id", "value": hex.EncodeToString(v[:])}
	case pprofile.ProfileID:
		return result{"type": "profile_id", "value": hex.EncodeToString(v[:])}
	case ptrace.SpanEventSlice:
		return result{"type": "span_events", "length": v.Len()}
	case ptrace.SpanLinkSlice:
		return result{"type": "span_links", "length": v.Len()}
	case pmetric.ExemplarSlice:
		return result{"type": "span_exemplars", "length": v.Len()}
	case pmetric.SummaryDataPointValueAtQuantileSlice:
		return result{"type": "span_quantiles", "length": v.Len()}
	case pmetric.NumberDataPointSlice:
		return result{"type": "span_numberPoints", "length": v.Len()}
	case pmetric.HistogramDataPointSlice:
		return result{"type": "span_histogramPoints", "length": v.Len()}
	case pmetric.ExponentialHistogramDataPointSlice:
		return result{"type": "span_exponentialPoints", "length": v.Len()}
	case pmetric.SummaryDataPointSlice:
		return result{"type": "span_summaryPoints", "length": v.Len()}
	case ptrace.Status:
		return result{"type": "status", "code": int(v.Code()), "message": v.Message()}
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		items := make([]result, list.Len())
		for i := range items {
			items[i] = typed(list.Index(i).Interface())
		}
		return result{"type": "list", "value": items}
	}
	return result{"type": "opaque"}
}

func typedElement(value pcommon.Value) result {
	switch value.Type() {
	case pcommon.ValueTypeEmpty:
		return result{"type": "empty"}
	case pcommon.ValueTypeMap:
		return typed(value.Map())
	case pcommon.ValueTypeSlice:
		return typed(value.Slice())
	case pcommon.ValueTypeBytes:
		return typed(value.Bytes())
	default:
		return typed(value.AsRaw())
	}
}

func typedDouble(v float64) any {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	case v == 0 && math.Signbit(v):
		return "-0"
	}
	return v
}

func functionsOf[K any](factories []ottl.Factory[K]) map[string]ottl.Factory[K] {
	return ottl.CreateFactoryMap(factories...)
}

func languageOf[K any](parser ottl.Parser[K], err error, open func(record) (K, func())) language {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return typedLanguage[K]{parser, open, map[string]any{}}
}

func languages() map[string]language {
	settings := component.TelemetrySettings{Logger: zap.NewNop()}
	all := map[string]language{}

	logs, err := ottllog.NewParser(functionsOf(transformprocessor.DefaultLogFunctions()), settings, ottllog.EnablePathContextNames())
	all["log"] = languageOf(logs, err, func(rec record) (*ottllog.TransformContext, func()) {
		group := rec.logs.ResourceLogs().At(0)
		scope := group.ScopeLogs().At(0)
		target := ottllog.NewTransformContextPtr(group, scope, scope.LogRecords().At(0))
		return target, target.Close
	})
	spans, err := ottlspan.NewParser(functionsOf(transformprocessor.DefaultSpanFunctions()), settings, ottlspan.EnablePathContextNames())
	all["span"] = languageOf(spans, err, func(rec record) (*ottlspan.TransformContext, func()) {
		group := rec.traces.ResourceSpans().At(0)
		scope := group.ScopeSpans().At(0)
		target := ottlspan.NewTransformContextPtr(group, scope, scope.Spans().At(0))
		return target, target.Close
	})
	events, err := ottlspanevent.NewParser(functionsOf(transformprocessor.DefaultSpanEventFunctions()), settings, ottlspanevent.EnablePathContextNames())
	all["spanevent"] = languageOf(events, err, func(rec record) (*ottlspanevent.TransformContext, func()) {
		group := rec.traces.ResourceSpans().At(0)
		scope := group.ScopeSpans().At(0)
		span := scope.Spans().At(0)
		target := ottlspanevent.NewTransformContextPtr(group, scope, span, span.Events().At(0), ottlspanevent.WithEventIndex(0))
		return target, target.Close
	})
	scopes, err := ottlscope.NewParser(ottlfuncs.StandardFuncs[*ottlscope.TransformContext](), settings, ottlscope.EnablePathContextNames())
	all["scope"] = languageOf(scopes, err, func(rec record) (*ottlscope.TransformContext, func()) {
		group := rec.traces.ResourceSpans().At(0)
		scope := group.ScopeSpans().At(0)
		target := ottlscope.NewTransformContextPtr(scope.Scope(), group.Resource(), scope, group)
		return target, target.Close
	})
	resources, err := ottlresource.NewParser(ottlfuncs.StandardFuncs[*ottlresource.TransformContext](), settings, ottlresource.EnablePathContextNames())
	all["resource"] = languageOf(resources, err, func(rec record) (*ottlresource.TransformContext, func()) {
		group := rec.traces.ResourceSpans().At(0)
		target := ottlresource.NewTransformContextPtr(group.Resource(), group)
		return target, target.Close
	})
	points, err := ottldatapoint.NewParser(functionsOf(transformprocessor.DefaultDataPointFunctions()), settings, ottldatapoint.EnablePathContextNames())
	all["datapoint"] = languageOf(points, err, func(rec record) (*ottldatapoint.TransformContext, func()) {
		group := rec.metrics.ResourceMetrics().At(0)
		scope := group.ScopeMetrics().At(0)
		metric := scope.Metrics().At(0)
		target := ottldatapoint.NewTransformContextPtr(group, scope, metric, firstPoint(metric))
		return target, target.Close
	})
	metrics, err := ottlmetric.NewParser(functionsOf(transformprocessor.DefaultMetricFunctions()), settings, ottlmetric.EnablePathContextNames())
	all["metric"] = languageOf(metrics, err, func(rec record) (*ottlmetric.TransformContext, func()) {
		group := rec.metrics.ResourceMetrics().At(0)
		scope := group.ScopeMetrics().At(0)
		target := ottlmetric.NewTransformContextPtr(group, scope, scope.Metrics().At(0))
		return target, target.Close
	})
	return all
}

func firstPoint(metric pmetric.Metric) any {
	switch metric.Type() {
	case pmetric.MetricTypeGauge:
		return metric.Gauge().DataPoints().At(0)
	case pmetric.MetricTypeSum:
		return metric.Sum().DataPoints().At(0)
	case pmetric.MetricTypeHistogram:
		return metric.Histogram().DataPoints().At(0)
	case pmetric.MetricTypeExponentialHistogram:
		return metric.ExponentialHistogram().DataPoints().At(0)
	default:
		return metric.Summary().DataPoints().At(0)
	}
}

// answer runs one case; a crash of the parser counts as a refusal.
func answer(all map[string]language, item oneCase) (res result) {
	defer func() {
		if cause := recover(); cause != nil {
			res = result{"refused": fmt.Sprint(cause), "panic": true}
		}
	}()
	for _, gate := range []string{"ottl.set.allowNil", "ottl.functions.enableLambda"} {
		on := false
		for _, wanted := range item.Gates {
			on = on || wanted == gate
		}
		if err := featuregate.GlobalRegistry().Set(gate, on); err != nil {
			return result{"broken": err.Error()}
		}
	}
	rec, marshal, err := payload(item)
	if err != nil {
		return result{"broken": err.Error()}
	}
	res = all[item.Context].run(item, rec)
	if _, ran := res["outcomes"]; ran {
		raw, err := marshal()
		if err != nil {
			return result{"broken": err.Error()}
		}
		res["record"] = base64.StdEncoding.EncodeToString(raw)
	}
	return res
}

func payload(item oneCase) (rec record, marshal func() ([]byte, error), err error) {
	raw, err := base64.StdEncoding.DecodeString(item.Record)
	if err != nil {
		return rec, nil, err
	}
	if item.Context == "metric" || item.Context == "datapoint" {
		rec.metrics, err = (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(raw)
		return rec, func() ([]byte, error) { return (&pmetric.ProtoMarshaler{}).MarshalMetrics(rec.metrics) }, err
	}
	if item.Context == "log" {
		rec.logs, err = (&plog.ProtoUnmarshaler{}).UnmarshalLogs(raw)
		return rec, func() ([]byte, error) { return (&plog.ProtoMarshaler{}).MarshalLogs(rec.logs) }, err
	}
	rec.traces, err = (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(raw)
	return rec, func() ([]byte, error) { return (&ptrace.ProtoMarshaler{}).MarshalTraces(rec.traces) }, err
}

// The case at work and since when, for the guard.
var current, since atomic.Int64

const longest = 4 * time.Second

// guard ends the program when a case makes it grow without end, as setting element 1e15 of a new list does, or takes too
// long. It says {"ended": number of the case} instead of results.
func guard() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for range time.Tick(50 * time.Millisecond) {
		metrics.Read(heap)
		started := since.Load()
		if heap[0].Value.Uint64() > 1<<30 || started > 0 && time.Now().UnixNano()-started > int64(longest) {
			fmt.Printf("{\"ended\": %d}\n", current.Load())
			os.Exit(3)
		}
	}
}

func main() {
	go guard()
	all := languages()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var batch struct {
				Cases []oneCase `json:"cases"`
			}
			if err := json.Unmarshal(line, &batch); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			results := make([]result, len(batch.Cases))
			for i, item := range batch.Cases {
				current.Store(int64(i))
				since.Store(time.Now().UnixNano())
				results[i] = answer(all, item)
			}
			since.Store(0)
			encoded, err := json.Marshal(map[string]any{"results": results})
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			out.Write(encoded)
			out.WriteByte('\n')
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
