package agent

import (
	"sync"
	"sync/atomic"
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
	kept   []checkRecord
	logged []logRecord
}

func (r *records) count() counts {
	return counts{
		Checks: r.checks.Load(), Allowed: r.allowed.Load(), Denied: r.denied.Load(), TCP: r.tcp.Load(),
		Failed: r.failed.Load(), InFlight: r.inFlight.Load(), MostAtOnce: r.mostAtOnce.Load(),
		HTTPLogs: r.httpLogs.Load(), TCPLogs: r.tcpLogs.Load(),
	}
}

func (r *records) addCheck(record func() checkRecord) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.kept) < keep {
		r.kept = append(r.kept, record())
	}
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
	return append([]checkRecord{}, r.kept...), append([]logRecord{}, r.logged...)
}
