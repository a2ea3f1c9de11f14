package agent

import (
	"fmt"
	"strconv"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	proc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	types "github.com/envoyproxy/go-control-plane/envoy/type/v3"
)

// requestOf puts the head of a request into the form in which ext_authz has it.
func requestOf(head *proc.HttpHeaders) *auth.AttributeContext_HttpRequest {
	headers := headersOf(head)
	return &auth.AttributeContext_HttpRequest{
		Method: headers[":method"], Path: headers[":path"], Host: headers[":authority"],
		Scheme: headers[":scheme"], Headers: headers,
	}
}

func headersOf(head *proc.HttpHeaders) map[string]string {
	headers := map[string]string{}
	for _, header := range head.GetHeaders().GetHeaders() {
		value := string(header.GetRawValue())
		if value == "" {
			value = header.GetValue()
		}
		if before, twice := headers[header.GetKey()]; twice {
			value = before + "," + value
		}
		headers[header.GetKey()] = value
	}
	return headers
}

// blocked ends the request with the agent's own answer.
func blocked(verdict decision, id string) *proc.ProcessingResponse {
	set := []*core.HeaderValueOption{
		rawHeader("x-sigsci-agentresponse", strconv.Itoa(verdict.code)),
		rawHeader("x-sigsci-request-id", id),
	}
	if verdict.name == "redirect" {
		set = append(set, rawHeader("location", redirectTo))
	}
	return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_ImmediateResponse{
		ImmediateResponse: &proc.ImmediateResponse{
			Status:  &types.HttpStatus{Code: types.StatusCode(verdict.code)},
			Headers: &proc.HeaderMutation{SetHeaders: set},
			Body:    []byte("blocked by the stub agent\n"),
		},
	}}
}

// goOn lets a message pass; the head of a request gets the headers that the agent's verdict consists of.
func goOn(message *proc.ProcessingRequest, id string, extra map[string]string) (*proc.ProcessingResponse, error) {
	switch message.GetRequest().(type) {
	case *proc.ProcessingRequest_RequestHeaders:
		set := []*core.HeaderValueOption{
			rawHeader("x-sigsci-agentresponse", "200"),
			rawHeader("x-sigsci-waf-response", "200"),
			rawHeader("x-sigsci-request-id", id),
		}
		for name, value := range extra {
			set = append(set, rawHeader(name, value))
		}
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_RequestHeaders{
			RequestHeaders: &proc.HeadersResponse{Response: &proc.CommonResponse{
				HeaderMutation: &proc.HeaderMutation{SetHeaders: set},
			}},
		}}, nil
	case *proc.ProcessingRequest_RequestBody:
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_RequestBody{
			RequestBody: &proc.BodyResponse{},
		}}, nil
	case *proc.ProcessingRequest_ResponseHeaders:
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_ResponseHeaders{
			ResponseHeaders: &proc.HeadersResponse{},
		}}, nil
	case *proc.ProcessingRequest_ResponseBody:
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_ResponseBody{
			ResponseBody: &proc.BodyResponse{},
		}}, nil
	case *proc.ProcessingRequest_RequestTrailers:
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_RequestTrailers{
			RequestTrailers: &proc.TrailersResponse{},
		}}, nil
	case *proc.ProcessingRequest_ResponseTrailers:
		return &proc.ProcessingResponse{Response: &proc.ProcessingResponse_ResponseTrailers{
			ResponseTrailers: &proc.TrailersResponse{},
		}}, nil
	}
	return nil, fmt.Errorf("no answer to a message of type %T", message.GetRequest())
}

// rawHeader replaces what a client sent under the same name; ext_proc takes values as bytes.
func rawHeader(name, value string) *core.HeaderValueOption {
	return &core.HeaderValueOption{
		Header:       &core.HeaderValue{Key: name, RawValue: []byte(value)},
		AppendAction: core.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}
