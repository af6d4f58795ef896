//go:build testoptions

package engine

import (
	"bytes"
	"testing"

	"gosupplicant/engine/dot11"
)

// TestDataFrame: every prefix, and every changed byte but those of the addresses, the
// type of service with its checksum apart, is no frame of the data test.
func TestDataFrame(t *testing.T) {
	dst, src := dot11.MAC{2, 0, 0, 0, 0, 1}, dot11.MAC{2, 0, 0, 0, 0, 2}
	for _, total := range []int{20, 21, 300, dataTotal} {
		f := dataFrame(dst, src, 0xa0, total)
		d, s, n, err := parseDataFrame(f)
		if err != nil || d != dst || s != src || n != total || len(f) != 14+total {
			t.Fatalf("%d bytes: %v %v %d %v", total, d, s, n, err)
		}
		for n := range f {
			if _, _, _, err := parseDataFrame(f[:n]); err == nil {
				t.Errorf("prefix of %d of %d bytes taken", n, len(f))
			}
			bad := bytes.Clone(f)
			bad[n] ^= 0x10
			if _, _, _, err := parseDataFrame(bad); (err == nil) != (n < 12) {
				t.Errorf("byte %d changed: %v", n, err)
			}
		}
	}
}

func FuzzDataFrame(f *testing.F) {
	f.Add(dataFrame(dot11.Broadcast, dot11.MAC{2, 0, 0, 0, 0, 2}, 0, 60))
	f.Add(dataFrame(dot11.Broadcast, dot11.MAC{}, 255, 20)[:33])
	f.Fuzz(func(t *testing.T, b []byte) {
		dst, src, total, err := parseDataFrame(b)
		if err != nil {
			return
		}
		again := dataFrame(dst, src, b[15], total)
		// What the data test does not look at: identification to destination.
		copy(again[18:34], b[18:34])
		if !bytes.Equal(again, b[:len(again)]) {
			t.Errorf("%x\nis not\n%x", b[:len(again)], again)
		}
	})
}
