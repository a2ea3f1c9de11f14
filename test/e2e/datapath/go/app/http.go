package app

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"sigsci-istio.test/datapath/control"
)

// routes: /plain answers in two bytes (for load), /after/<ms> the same after that time, /status/<code> with that code, /socket echoes WebSocket
// messages, everything else describes the request it got.
func routes(seen *arrivals) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/plain", func(writer http.ResponseWriter, request *http.Request) {
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(writer, "ok") // The client hung up: nobody is left to tell.
	})
	mux.HandleFunc("/after/{ms}", func(writer http.ResponseWriter, request *http.Request) {
		pause, err := strconv.Atoi(request.PathValue("ms"))
		if err != nil || pause < 0 {
			http.Error(writer, "no number of milliseconds", http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(time.Duration(pause) * time.Millisecond):
			_, _ = io.WriteString(writer, "ok") // As above.
		case <-request.Context().Done():
		}
	})
	mux.HandleFunc("/status/{code}", func(writer http.ResponseWriter, request *http.Request) {
		code, err := strconv.Atoi(request.PathValue("code"))
		if err != nil || code < 200 || code > 599 {
			code = http.StatusBadRequest
		}
		writer.WriteHeader(code)
	})
	mux.HandleFunc("/socket", echoSocket)
	mux.HandleFunc("/", describe)
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		seen.add(request.Header.Get(requestIDHeader))
		defer seen.enter()()
		mux.ServeHTTP(writer, request)
	})
}

func describe(writer http.ResponseWriter, request *http.Request) {
	sum := sha256.New()
	size, err := io.Copy(sum, request.Body)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	headers := map[string]string{}
	for name := range request.Header {
		headers[http.CanonicalHeaderKey(name)] = request.Header.Get(name)
	}
	control.Reply(writer, map[string]any{
		"method": request.Method, "path": request.URL.RequestURI(), "protocol": request.Proto,
		"headers": headers, "bodySize": size, "bodySha256": hex.EncodeToString(sum.Sum(nil)),
	})
}

func echoSocket(writer http.ResponseWriter, request *http.Request) {
	connection, err := websocket.Accept(writer, request, nil)
	if err != nil {
		return // Accept has answered the client.
	}
	defer connection.CloseNow()
	for {
		kind, message, err := connection.Read(request.Context())
		if err != nil {
			return // The client closed.
		}
		if err := connection.Write(request.Context(), kind, message); err != nil {
			return
		}
	}
}
