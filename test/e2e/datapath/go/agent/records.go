package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"sync/atomic"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	proc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
)

// keep bounds the memory of a long load; the counters go on past it and stay exact.
const keep = 5000

// checkRecord is one Check as the agent saw it.
type checkRecord struct {
	Sequence    int64             `json:"sequence"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	Host        string            `json:"host"`
	Protocol    string            `json:"protocol"`
	Headers     map[string]string `json:"headers"`
	BodySize    int               `json:"bodySize"`
	BodySHA256  string            `json:"bodySha256"`
	BodyField   string            `json:"bodyField"`
	PartialBody string            `json:"partialBody"`
	Destination string            `json:"destination"`
	Listener    string            `json:"listener"`
	Decision    string            `json:"decision"`
	Code        int               `json:"code"`
	RequestID   string            `json:"requestId"`
	// Only a stream of ext_proc has these: what came, in order, and the head of the response.
	Messages        []string          `json:"messages"`
	Status          int               `json:"status"`
	ResponseHeaders map[string]string `json:"responseHeaders"`
}

func newRecord(
	ctx context.Context, sequence int64, id string, request *auth.AttributeContext_HttpRequest,
) *checkRecord {
	kept := &checkRecord{
		Sequence: sequence, Method: request.GetMethod(), Path: request.GetPath(), Host: request.GetHost(),
		Protocol: request.GetProtocol(), Headers: request.GetHeaders(), Listener: listener(ctx), RequestID: id,
		Messages: []string{},
	}
	kept.noteBody(request)
	return kept
}

// noteMessage adds what a message of a stream says.
func (r *checkRecord) noteMessage(message *proc.ProcessingRequest, request *auth.AttributeContext_HttpRequest) {
	r.Messages = append(r.Messages, phaseOf(message))
	if part := message.GetRequestBody(); part != nil {
		r.noteBody(request)
		r.PartialBody = strconv.FormatBool(!part.GetEndOfStream())
	}
	if head := message.GetResponseHeaders(); head != nil {
		r.ResponseHeaders = headersOf(head)
		r.Status, _ = strconv.Atoi(r.ResponseHeaders[":status"]) // Envoy has read it as a number.
	}
}

// noteBody keeps what has come of the body so far.
func (r *checkRecord) noteBody(request *auth.AttributeContext_HttpRequest) {
	sum := sha256.Sum256(body(request))
	r.BodySize, r.BodySHA256 = len(body(request)), hex.EncodeToString(sum[:])
	r.BodyField = "none"
	if len(request.GetRawBody()) > 0 {
		r.BodyField = "bytes"
	} else if request.GetBody() != "" {
		r.BodyField = "text"
	}
}

// logRecord is one access-log entry as the agent received it.
type logRecord struct {
	Sequence        int64             `json:"sequence"`
	Kind            string            `json:"kind"`
	LogName         string            `json:"logName"`
	NodeID          string            `json:"nodeId"`
	Listener        string            `json:"listener"`
	Method          string            `json:"method"`
	Path            string            `json:"path"`
	Status          uint32            `json:"status"`
	StatusDetails   string            `json:"statusDetails"`
	RequestHeaders  map[string]string `json:"requestHeaders"`
	ResponseHeaders map[string]string `json:"responseHeaders"`
}

// counts are exact whatever the load; reset sets them to zero.
type counts struct {
	Checks     int64 `json:"checks"`
	Allowed    int64 `json:"allowed"`
	Denied     int64 `json:"denied"`
	TCP        int64 `json:"tcp"`
	Failed     int64 `json:"failed"`
	InFlight   int64 `json:"inFlight"`
	MostAtOnce int64 `json:"mostAtOnce"`
	HTTPLogs   int64 `json:"httpLogs"`
	TCPLogs    int64 `json:"tcpLogs"`
}

type records struct {
	checks, allowed, denied, tcp, failed, inFlight, mostAtOnce, httpLogs, tcpLogs atomic.Int64

	mutex  sync.Mutex
	kept   []*checkRecord
	logged []logRecord
}

func (r *records) count() counts {
	return counts{
		Checks: r.checks.Load(), Allowed: r.allowed.Load(), Denied: r.denied.Load(), TCP: r.tcp.Load(),
		Failed: r.failed.Load(), InFlight: r.inFlight.Load(), MostAtOnce: r.mostAtOnce.Load(),
		HTTPLogs: r.httpLogs.Load(), TCPLogs: r.tcpLogs.Load(),
	}
}

func (r *records) addCheck(record func() *checkRecord) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.kept) < keep {
		r.kept = append(r.kept, record())
	}
}

// change runs what alters a record that is kept.
func (r *records) change(alter func()) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	alter()
}

func (r *records) addLog(record func() logRecord) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.logged) < keep {
		r.logged = append(r.logged, record())
	}
}

// enter counts a Check as begun and returns its number and the function that ends it.
func (r *records) enter() (int64, func()) {
	now := r.inFlight.Add(1)
	for most := r.mostAtOnce.Load(); now > most && !r.mostAtOnce.CompareAndSwap(most, now); {
		most = r.mostAtOnce.Load()
	}
	return r.checks.Add(1), func() { r.inFlight.Add(-1) }
}

func (r *records) reset() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.kept, r.logged = nil, nil
	for _, counter := range []*atomic.Int64{
		&r.checks, &r.allowed, &r.denied, &r.tcp, &r.failed, &r.httpLogs, &r.tcpLogs,
	} {
		counter.Store(0)
	}
	r.mostAtOnce.Store(r.inFlight.Load())
}

func (r *records) lists() ([]checkRecord, []logRecord) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	checks := make([]checkRecord, len(r.kept))
	for at, kept := range r.kept {
		checks[at] = *kept
	}
	return checks, append([]logRecord{}, r.logged...)
}
