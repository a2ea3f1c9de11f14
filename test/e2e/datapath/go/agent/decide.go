package agent

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

// The markers the stub takes for attacks. A marker may be followed by `-<code>`: the status to answer.
const (
	attackMarker   = "sigsci-attack"
	redirectMarker = "sigsci-redirect"
	// RedirectTo is where a request with the redirect marker is sent.
	redirectTo = "https://blocked.example/"
)

// decision is what the stub answers to one request.
type decision struct {
	name string
	code int
}

// decide looks for a marker in the path (also percent-encoded), in any header value and in the body.
func decide(request *auth.AttributeContext_HttpRequest) decision {
	if request == nil {
		return decision{name: "tcp", code: 200}
	}
	for _, text := range inspected(request) {
		if code, found := find(text, attackMarker, 406); found {
			return decision{name: "deny", code: code}
		}
		if code, found := find(text, redirectMarker, 302); found {
			return decision{name: "redirect", code: code}
		}
	}
	return decision{name: "allow", code: 200}
}

func inspected(request *auth.AttributeContext_HttpRequest) [][]byte {
	texts := [][]byte{[]byte(request.GetPath()), body(request)}
	if decoded, err := url.PathUnescape(request.GetPath()); err == nil {
		texts = append(texts, []byte(decoded))
	}
	for _, value := range request.GetHeaders() {
		texts = append(texts, []byte(value))
	}
	for _, header := range request.GetHeaderMap().GetHeaders() {
		texts = append(texts, header.GetRawValue())
	}
	return texts
}

// body prefers the byte field: with pack_as_bytes Envoy fills that one and leaves the text empty.
func body(request *auth.AttributeContext_HttpRequest) []byte {
	if len(request.GetRawBody()) > 0 {
		return request.GetRawBody()
	}
	return []byte(request.GetBody())
}

func find(text []byte, marker string, fallback int) (int, bool) {
	at := bytes.Index(text, []byte(marker))
	if at < 0 {
		return 0, false
	}
	rest := string(text[at+len(marker):])
	if strings.HasPrefix(rest, "-") && len(rest) >= 4 {
		if code, err := strconv.Atoi(rest[1:4]); err == nil {
			return code, true
		}
	}
	return fallback, true
}
