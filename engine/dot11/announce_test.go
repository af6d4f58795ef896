package dot11

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestOWETransition(t *testing.T) {
	body := []byte{2, 0, 0, 0, 0, 7, 3, 'o', 'w', 'e', 115, 36}
	o, err := ParseOWETransition(body)
	if err != nil || o.BSSID != (MAC{2, 0, 0, 0, 0, 7}) || string(o.SSID) != "owe" || o.Band != 115 || o.Channel != 36 {
		t.Errorf("%+v %v", o, err)
	}
	if got := o.Append(nil); !bytes.Equal(got[6:], body) {
		t.Errorf("written back as % x", got)
	}
	for n := range len(body) {
		if _, err := ParseOWETransition(body[:n]); (err == nil) != (n == 10) {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
	long := append([]byte{2, 0, 0, 0, 0, 7, 33}, make([]byte, 33)...)
	if _, err := ParseOWETransition(long); err == nil || !strings.Contains(err.Error(), "offset 6: SSID length 33") {
		t.Errorf("SSID of 33 bytes: %v", err)
	}
}

func TestFILSIndication(t *testing.T) {
	body := []byte{0x90, 0x01, 0xca, 0xfe, 2, 0, 0, 0, 0, 1, 0x12, 0x34, 0x56, 0x78}
	f, err := ParseFILSIndication(body)
	want := &FILSIndication{0x0190, &[2]byte{0xca, 0xfe}, &MAC{2, 0, 0, 0, 0, 1}, [][2]byte{{0x12, 0x34}, {0x56, 0x78}}}
	if err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("%+v %v", f, err)
	}
	for n := range len(body) {
		if _, err := ParseFILSIndication(body[:n]); err == nil {
			t.Errorf("prefix of %d bytes accepted", n)
		}
	}
	if f, err := ParseFILSIndication([]byte{0, 0}); err != nil || f.CacheID != nil || f.HESSID != nil || f.Realms != nil {
		t.Errorf("%+v %v", f, err)
	}
}

func TestMeshAndTimeout(t *testing.T) {
	body := []byte{1, 2, 3, 4, 5, 6, 7}
	m, err := ParseMeshConfiguration(body)
	if err != nil || *m != (MeshConfiguration{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("%+v %v", m, err)
	}
	for n := range 7 {
		if _, err := ParseMeshConfiguration(body[:n]); err == nil {
			t.Errorf("mesh configuration of %d bytes accepted", n)
		}
	}
	ti, err := ParseTimeoutInterval([]byte{3, 0xe8, 3, 0, 0})
	if err != nil || *ti != (TimeoutInterval{TimeoutComeback, 1000}) {
		t.Errorf("%+v %v", ti, err)
	}
	if _, err := ParseTimeoutInterval([]byte{3, 0xe8, 3, 0}); err == nil {
		t.Error("four bytes accepted")
	}
}
