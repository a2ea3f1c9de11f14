package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	filter "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	proc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
)

// processor takes one stream for each request: its head, its body, the head of its response. As many requests as streams
// are under way for it, until their responses have begun.
type processor struct {
	proc.UnimplementedExternalProcessorServer
	checker *checker
}

// Process answers each message of a stream until Envoy ends it or the request is blocked.
func (p *processor) Process(stream proc.ExternalProcessor_ProcessServer) error {
	exchange := &exchange{checker: p.checker}
	defer exchange.leave()
	for {
		message, err := stream.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		answer, err := exchange.take(stream.Context(), message)
		if err != nil {
			return err
		}
		if answer == nil {
			continue
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

// exchange is what the stub knows of the request of one stream.
type exchange struct {
	checker  *checker
	begun    bool
	settled  bool
	id       string
	request  *auth.AttributeContext_HttpRequest
	record   *checkRecord
	bodyMode filter.ProcessingMode_BodySendMode
	done     func()
}

// take records a message and gives the answer to it; none where Envoy wants none.
func (e *exchange) take(ctx context.Context, message *proc.ProcessingRequest) (*proc.ProcessingResponse, error) {
	if !e.begun {
		e.begin(ctx, message)
	}
	e.request.RawBody = append(e.request.RawBody, message.GetRequestBody().GetBody()...)
	e.note(func(kept *checkRecord) { kept.noteMessage(message, e.request) })
	if err := e.checker.misbehave(ctx, phaseOf(message)); err != nil {
		e.settle(&e.checker.records.failed)
		return nil, err
	}
	verdict := decide(e.request)
	e.note(func(kept *checkRecord) { kept.Decision, kept.Code = verdict.name, verdict.code })
	blocks := verdict.name != "allow"
	switch {
	case blocks:
		e.settle(&e.checker.records.denied)
	case e.isComplete(message):
		e.settle(&e.checker.records.allowed)
	}
	if message.GetObservabilityMode() {
		return nil, nil
	}
	if blocks {
		return blocked(verdict, e.id), nil
	}
	return goOn(message, e.id, e.checker.behaviour().AddHeaders)
}

func (e *exchange) begin(ctx context.Context, first *proc.ProcessingRequest) {
	var sequence int64
	sequence, e.done = e.checker.records.enter()
	e.begun = true
	e.id = fmt.Sprintf("%s-%d", e.checker.run, sequence)
	e.request = requestOf(first.GetRequestHeaders())
	e.bodyMode = first.GetProtocolConfig().GetRequestBodyMode()
	e.checker.records.addCheck(func() *checkRecord {
		e.record = newRecord(ctx, sequence, e.id, e.request)
		return e.record
	})
	e.checker.enterInJournal(e.request)
}

// note alters the record, if it is kept.
func (e *exchange) note(alter func(kept *checkRecord)) {
	if e.record != nil {
		e.checker.records.change(func() { alter(e.record) })
	}
}

// isComplete says whether nothing of the request follows.
func (e *exchange) isComplete(message *proc.ProcessingRequest) bool {
	if head := message.GetRequestHeaders(); head != nil {
		return head.GetEndOfStream() || e.bodyMode == filter.ProcessingMode_NONE
	}
	if body := message.GetRequestBody(); body != nil {
		return body.GetEndOfStream() || e.bodyMode == filter.ProcessingMode_BUFFERED_PARTIAL
	}
	return true
}

// leave ends what begin began; a stream that ends without a verdict has failed.
func (e *exchange) leave() {
	if !e.begun {
		return
	}
	e.settle(&e.checker.records.failed)
	e.done()
}

// phaseOf names a message as the tests do.
func phaseOf(message *proc.ProcessingRequest) string {
	switch message.GetRequest().(type) {
	case *proc.ProcessingRequest_RequestHeaders:
		return "requestHeaders"
	case *proc.ProcessingRequest_RequestBody:
		return "requestBody"
	case *proc.ProcessingRequest_RequestTrailers:
		return "requestTrailers"
	case *proc.ProcessingRequest_ResponseHeaders:
		return "responseHeaders"
	case *proc.ProcessingRequest_ResponseBody:
		return "responseBody"
	case *proc.ProcessingRequest_ResponseTrailers:
		return "responseTrailers"
	}
	return "unknown"
}

// settle counts how the request ended for the agent, once.
func (e *exchange) settle(counter *atomic.Int64) {
	if !e.settled {
		e.settled = true
		counter.Add(1)
	}
}
