package client

import (
	"slices"
	"time"
)

// summary is what a load reports.
type summary struct {
	Seconds   float64            `json:"seconds"`
	Requests  int                `json:"requests"`
	Dials     int                `json:"dials"`
	Outcomes  map[string]int     `json:"outcomes"`
	LatencyMs map[string]float64 `json:"latencyMs"`
	Oddities  []oddity           `json:"oddities"`
}

func summarise(workers []*worker, elapsed time.Duration) *summary {
	result := &summary{
		Seconds: elapsed.Seconds(), Outcomes: map[string]int{}, LatencyMs: map[string]float64{}, Oddities: []oddity{},
	}
	var all []time.Duration
	for _, one := range workers {
		all = append(all, one.latencies...)
		result.Dials += one.dials
		for outcome, count := range one.outcomes {
			result.Outcomes[outcome] += count
		}
		result.Oddities = append(result.Oddities, one.oddities...)
	}
	slices.SortFunc(result.Oddities, func(a, b oddity) int { return int(a.AtMs - b.AtMs) })
	result.Oddities = result.Oddities[:min(samples, len(result.Oddities))]
	result.Requests = len(all)
	if len(all) == 0 {
		return result
	}
	slices.Sort(all)
	for name, share := range map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1} {
		at := min(len(all)-1, int(share*float64(len(all))))
		result.LatencyMs[name] = float64(all[at].Microseconds()) / 1000
	}
	return result
}
