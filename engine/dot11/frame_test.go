package dot11

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// A probe response on the air, without FCS.
var probeResponse = []byte{
	0x50, 0x08, 0x3a, 0x01,
	0x02, 0x00, 0x00, 0x00, 0x01, 0x00, // DA
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, // SA
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, // BSSID
	0x31, 0x12, // sequence 0x123, fragment 1
	0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
	0x64, 0x00, 0x11, 0x04,
	0x00, 0x02, 'h', 'i',
}

func TestParseMgmt(t *testing.T) {
	h, body, err := ParseMgmt(probeResponse)
	if err != nil {
		t.Fatal(err)
	}
	want := MgmtHeader{Subtype: SubtypeProbeResponse, Flags: FrameFlagRetry, Duration: 314, DA: MAC{2, 0, 0, 0, 1, 0},
		SA: MAC{2}, BSSID: MAC{2}, Sequence: 0x123, Fragment: 1}
	if h != want {
		t.Errorf("header %+v", h)
	}
	b, err := ParseBeacon(body)
	if err != nil || b.Timestamp != 0x0102030405060708 || b.Interval != 100 || b.Caps != 0x0411 || string(b.Elements) != "\x00\x02hi" {
		t.Errorf("body %+v %v", b, err)
	}
	if got := b.Append(h.Append(nil)); !bytes.Equal(got, probeResponse) {
		t.Errorf("written back as % x", got)
	}
	for n := range MgmtHeaderLen {
		if _, _, err := ParseMgmt(probeResponse[:n]); err == nil {
			t.Errorf("header of %d bytes accepted", n)
		}
	}
	for n := range 12 {
		if _, err := ParseBeacon(body[:n]); err == nil {
			t.Errorf("beacon of %d bytes accepted", n)
		}
	}
}

func TestParseMgmtHTC(t *testing.T) {
	frame := bytes.Clone(probeResponse)
	frame[1] |= FrameFlagHTC
	h, body, err := ParseMgmt(frame)
	if err != nil || len(body) != len(probeResponse)-MgmtHeaderLen-4 || h.Flags&FrameFlagHTC != 0 {
		t.Errorf("%+v, body of %d bytes, %v", h, len(body), err)
	}
	if _, _, err := ParseMgmt(frame[:MgmtHeaderLen+3]); err == nil {
		t.Error("HT Control cut short accepted")
	}
	for _, fc := range []byte{0x08, 0x04, 0x51} {
		frame[0] = fc
		if _, _, err := ParseMgmt(frame); err == nil || !strings.Contains(err.Error(), "offset 0") {
			t.Errorf("frame control %#x: %v", fc, err)
		}
	}
}

// frameCase parses and writes back one kind of body.
type frameCase struct {
	name  string
	body  []byte
	min   int // shortest acceptable body
	elems int // offset of elements that must be well formed, 0 for none
	want  any
	parse func([]byte) (any, func([]byte) []byte, error)
}

func frameCases() []frameCase {
	es := []byte{0x00, 0x02, 'h', 'i', 0x01, 0x01, 0x82}
	return []frameCase{
		{"auth", []byte{3, 0, 1, 0, 126, 0, 19, 0}, 6, 0, &Auth{AuthAlgSAE, 1, StatusSAEHashToElement, []byte{19, 0}},
			func(b []byte) (any, func([]byte) []byte, error) { f, err := ParseAuth(b); return f, f.Append, err }},
		{"assoc request", append([]byte{0x11, 0x04, 5, 0}, es...), 4, 4,
			&AssocRequest{Caps: 0x411, ListenInterval: 5, Elements: es},
			func(b []byte) (any, func([]byte) []byte, error) {
				f, err := ParseAssocRequest(b, false)
				return f, f.Append, err
			}},
		{"reassoc request", append([]byte{0x11, 0x04, 5, 0, 2, 0, 0, 0, 0, 1}, es...), 10, 10,
			&AssocRequest{Caps: 0x411, ListenInterval: 5, Reassoc: true, CurrentAP: MAC{2, 0, 0, 0, 0, 1}, Elements: es},
			func(b []byte) (any, func([]byte) []byte, error) {
				f, err := ParseAssocRequest(b, true)
				return f, f.Append, err
			}},
		{"assoc response", append([]byte{0x11, 0x04, 30, 0, 7, 0xc0}, es...), 6, 6,
			&AssocResponse{0x411, StatusAssocTryAgain, 7, es},
			func(b []byte) (any, func([]byte) []byte, error) {
				f, err := ParseAssocResponse(b)
				return f, f.Append, err
			}},
		{"deauth", append([]byte{3, 0}, es...), 2, 2, &Disconnect{ReasonDeauthLeaving, es},
			func(b []byte) (any, func([]byte) []byte, error) {
				f, err := ParseDisconnect(b)
				return f, f.Append, err
			}},
		{"action", []byte{8, 0, 0x34, 0x12}, 2, 0, &Action{CategorySAQuery, 0, []byte{0x34, 0x12}},
			func(b []byte) (any, func([]byte) []byte, error) { f, err := ParseAction(b); return f, f.Append, err }},
		{"probe request", es, 0, 0, &ProbeRequest{es},
			func(b []byte) (any, func([]byte) []byte, error) {
				f, err := ParseProbeRequest(b)
				return f, f.Append, err
			}},
	}
}

func TestFrameBodies(t *testing.T) {
	for _, tt := range frameCases() {
		got, write, err := tt.parse(tt.body)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
			continue
		}
		if out := write(nil); !bytes.Equal(out, tt.body) {
			t.Errorf("%s: written back as % x", tt.name, out)
		}
		for n := range len(tt.body) {
			ok := n >= tt.min
			if tt.elems > 0 || tt.name == "probe request" {
				k := n - tt.elems
				ok = ok && (k == 0 || k == 4)
			}
			if _, _, err := tt.parse(tt.body[:n]); ok != (err == nil) {
				t.Errorf("%s: prefix of %d bytes: %v", tt.name, n, err)
			}
		}
	}
	_, err := ParseDisconnect([]byte{3, 0, 0, 9})
	if err == nil || !strings.Contains(err.Error(), "offset 2") {
		t.Errorf("offset of the bad element: %v", err)
	}
}

func TestCodes(t *testing.T) {
	for s, want := range map[Status]string{0: "0 (success)", 77: "77 (finite cyclic group not supported)", 4000: "4000 (unassigned)"} {
		if s.String() != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
	for r, want := range map[Reason]string{15: "15 (4-way handshake timeout)", 0: "0 (unassigned)"} {
		if r.String() != want {
			t.Errorf("%q, want %q", r, want)
		}
	}
	if SubtypeDeauth.String() != "deauth" || Subtype(7).String() != "subtype-7" || Subtype(99).String() != "subtype-99" {
		t.Error("subtype names")
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(probeResponse)
	for i, tt := range frameCases() {
		h := MgmtHeader{Subtype: []Subtype{11, 0, 2, 1, 12, 13, 4}[i], DA: MAC{2}, SA: MAC{4}, BSSID: MAC{4}}
		f.Add(append(h.Append(nil), tt.body...))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, body, err := ParseMgmt(frame)
		if err != nil {
			return
		}
		var out []byte
		switch h.Subtype {
		case SubtypeBeacon, SubtypeProbeResponse:
			if b, err := ParseBeacon(body); err == nil {
				out = b.Append(nil)
			}
		case SubtypeAuth:
			if b, err := ParseAuth(body); err == nil {
				out = b.Append(nil)
			}
		case SubtypeAssocRequest, SubtypeReassocRequest:
			if b, err := ParseAssocRequest(body, h.Subtype == SubtypeReassocRequest); err == nil {
				out = b.Append(nil)
			}
		case SubtypeAssocResponse, SubtypeReassocResponse:
			if b, err := ParseAssocResponse(body); err == nil {
				out = b.Append(nil)
				body = bytes.Clone(body)
				body[5] |= 0xc0
			}
		case SubtypeDeauth, SubtypeDisassoc:
			if b, err := ParseDisconnect(body); err == nil {
				out = b.Append(nil)
			}
		case SubtypeProbeRequest:
			if b, err := ParseProbeRequest(body); err == nil {
				out = b.Append(nil)
			}
		default:
			if b, err := ParseAction(body); err == nil {
				out = b.Append(nil)
			}
		}
		if out != nil && !bytes.Equal(out, body) {
			t.Fatalf("%v: % x written back as % x", h.Subtype, body, out)
		}
	})
}
