package agent

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	types "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"sigsci-istio.test/datapath/journal"
)

// behaviour says how the stub treats a request, apart from its decision.
type behaviour struct {
	// Mode is `ok`, `hang` (no answer until the caller gives up), `error` (gRPC status ErrorCode) or
	// `close` (the connection is cut instead of an answer).
	Mode string `json:"mode"`
	// DelayMs is waited before the answer.
	DelayMs int `json:"delayMs"`
	// ErrorCode is the gRPC status of mode `error`.
	ErrorCode int `json:"errorCode"`
	// At is the message of a stream that it is about; a Check counts as `requestHeaders`.
	At string `json:"at"`
	// AddHeaders are more headers that a request is to get.
	AddHeaders map[string]string `json:"addHeaders"`
}

type checker struct {
	auth.UnimplementedAuthorizationServer
	records     *records
	connections *connections
	run         string
	// journal takes the number of each request that a client has numbered.
	journal *journal.Journal

	mutex sync.RWMutex
	now   behaviour
}

func (c *checker) behave(next behaviour) error {
	if next.At == "" {
		next.At = "requestHeaders"
	}
	switch next.Mode {
	case "ok", "hang", "close", "error":
	default:
		return fmt.Errorf("unknown mode %q", next.Mode)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = next
	return nil
}

func (c *checker) behaviour() behaviour {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	return c.now
}

// Check is Envoy's question about one request or one TCP connection.
func (c *checker) Check(ctx context.Context, question *auth.CheckRequest) (*auth.CheckResponse, error) {
	sequence, leave := c.records.enter()
	defer leave()
	request := question.GetAttributes().GetRequest().GetHttp()
	if question.GetAttributes().GetRequest() == nil || request.GetMethod() == "" {
		request = nil
	}
	answer := decide(request)
	id := fmt.Sprintf("%s-%d", c.run, sequence)
	c.records.addCheck(func() *checkRecord { return record(ctx, sequence, id, question, request, answer) })
	c.enterInJournal(request)

	if err := c.misbehave(ctx, "requestHeaders"); err != nil {
		c.records.failed.Add(1)
		return nil, err
	}
	switch answer.name {
	case "tcp":
		c.records.tcp.Add(1)
	case "allow":
		c.records.allowed.Add(1)
	default:
		c.records.denied.Add(1)
	}
	return respond(answer, id), nil
}

// enterInJournal writes down that a numbered request has been seen.
func (c *checker) enterInJournal(request *auth.AttributeContext_HttpRequest) {
	if number := request.GetHeaders()[journal.Header]; number != "" {
		c.journal.Write("%s %.3f", number, journal.Milliseconds(time.Now()))
	}
}

// misbehave does at this message what the stub was told to do instead of a prompt answer.
func (c *checker) misbehave(ctx context.Context, at string) error {
	now := c.behaviour()
	if now.At != at {
		return nil
	}
	if now.DelayMs > 0 {
		select {
		case <-time.After(time.Duration(now.DelayMs) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	switch now.Mode {
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	case "error":
		return status.Error(codes.Code(now.ErrorCode), "told to fail")
	case "close":
		c.connections.cut()
		return status.Error(codes.Unavailable, "connection cut")
	}
	return nil
}

func respond(answer decision, id string) *auth.CheckResponse {
	switch answer.name {
	case "tcp":
		return &auth.CheckResponse{Status: &rpc.Status{Code: int32(codes.OK)}}
	case "allow":
		return &auth.CheckResponse{
			Status: &rpc.Status{Code: int32(codes.OK)},
			HttpResponse: &auth.CheckResponse_OkResponse{OkResponse: &auth.OkHttpResponse{Headers: []*core.HeaderValueOption{
				header("x-sigsci-agentresponse", "200"),
				header("x-sigsci-waf-response", "200"),
				header("x-sigsci-request-id", id),
			}}},
		}
	}
	denied := &auth.DeniedHttpResponse{
		Status: &types.HttpStatus{Code: types.StatusCode(answer.code)},
		Body:   "blocked by the stub agent\n",
		Headers: []*core.HeaderValueOption{
			header("x-sigsci-agentresponse", strconv.Itoa(answer.code)),
			header("x-sigsci-request-id", id),
		},
	}
	if answer.name == "redirect" {
		denied.Headers = append(denied.Headers, header("location", redirectTo))
	}
	return &auth.CheckResponse{
		Status:       &rpc.Status{Code: int32(codes.PermissionDenied)},
		HttpResponse: &auth.CheckResponse_DeniedResponse{DeniedResponse: denied},
	}
}

// header replaces what a client sent under the same name, as the agent's modules do.
func header(name, value string) *core.HeaderValueOption {
	return &core.HeaderValueOption{
		Header:       &core.HeaderValue{Key: name, Value: value},
		AppendAction: core.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

func record(
	ctx context.Context, sequence int64, id string, question *auth.CheckRequest,
	request *auth.AttributeContext_HttpRequest, answer decision,
) *checkRecord {
	kept := newRecord(ctx, sequence, id, request)
	kept.noteBody(request)
	kept.PartialBody = request.GetHeaders()["x-envoy-auth-partial-body"]
	destination := question.GetAttributes().GetDestination().GetAddress().GetSocketAddress()
	kept.Destination = net.JoinHostPort(destination.GetAddress(), strconv.Itoa(int(destination.GetPortValue())))
	kept.Decision, kept.Code = answer.name, answer.code
	return kept
}

// listener is the local address on which the caller reached the agent.
func listener(ctx context.Context) string {
	if caller, found := peer.FromContext(ctx); found && caller.LocalAddr != nil {
		return caller.LocalAddr.String()
	}
	return ""
}
