package agent

import (
	"errors"
	"io"

	log "github.com/envoyproxy/go-control-plane/envoy/service/accesslog/v3"
)

type accessLog struct {
	log.UnimplementedAccessLogServiceServer
	records *records
}

// StreamAccessLogs takes entries until Envoy ends the stream; the first message carries the stream's identity.
func (a *accessLog) StreamAccessLogs(stream log.AccessLogService_StreamAccessLogsServer) error {
	var name, node string
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&log.StreamAccessLogsResponse{})
		}
		if err != nil {
			return err
		}
		if identity := message.GetIdentifier(); identity != nil {
			name, node = identity.GetLogName(), identity.GetNode().GetId()
		}
		from := listener(stream.Context())
		for _, entry := range message.GetHttpLogs().GetLogEntry() {
			sequence := a.records.httpLogs.Add(1)
			a.records.addLog(func() logRecord {
				request, response := entry.GetRequest(), entry.GetResponse()
				return logRecord{
					Sequence: sequence, Kind: "http", LogName: name, NodeID: node, Listener: from,
					Method: request.GetRequestMethod().String(), Path: request.GetPath(),
					Status:         response.GetResponseCode().GetValue(),
					StatusDetails:  response.GetResponseCodeDetails(),
					RequestHeaders: request.GetRequestHeaders(), ResponseHeaders: response.GetResponseHeaders(),
				}
			})
		}
		for range message.GetTcpLogs().GetLogEntry() {
			sequence := a.records.tcpLogs.Add(1)
			a.records.addLog(func() logRecord {
				return logRecord{Sequence: sequence, Kind: "tcp", LogName: name, NodeID: node, Listener: from}
			})
		}
	}
}
