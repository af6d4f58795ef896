package nl80211

import "testing"

// BenchmarkScanResults decodes a dump of 1000 BSSs.
func BenchmarkScanResults(b *testing.B) {
	var msgs []message
	for rec := recorded(b, "scan"); len(msgs) < 1000; {
		msgs = append(msgs, rec...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if res, bad := scanResults(msgs, 1<<62); bad != nil || len(res.Results) != len(msgs) {
			b.Fatal(len(res.Results), bad)
		}
	}
}
