package wext

import (
	"bytes"
	"reflect"
	"testing"

	"gosupplicant/engine/dot11"
)

// words makes bytes of numbers of 32 bits.
func words(list ...uint32) (b []byte) {
	for _, w := range list {
		b = order.AppendUint32(b, w)
	}
	return b
}

// address makes struct sockaddr.
func address(m dot11.MAC) []byte {
	return append(append(order.AppendUint16(nil, familyEthernet), m[:]...), make([]byte, 8)...)
}

func TestNotices(t *testing.T) {
	mic := func(flags uint32, m dot11.MAC) []byte {
		return append(append(words(flags), address(m)...), make([]byte, 8)...)
	}
	for name, tc := range map[string]struct {
		add  func(s *stream)
		want []notice
	}{
		"elements": {func(s *stream) {
			s.point(evAssocReqIE, 0, 0, 1, 'a').point(evAssocRespIE, 0, 1, 1, 2)
		}, []notice{{kind: noticeRequest, ies: []byte{0, 1, 'a'}}, {kind: noticeResponse, ies: []byte{1, 1, 2}}}},
		"group MIC":    {func(s *stream) { s.point(evMICFailure, 0, mic(4|1, macA)...) }, []notice{{kind: noticeMIC, addr: macA}}},
		"pairwise MIC": {func(s *stream) { s.point(evMICFailure, 0, mic(8, macB)...) }, []notice{{kind: noticeMIC, addr: macB, pairwise: true}}},
		"short MIC":    {func(s *stream) { s.point(evMICFailure, 0, mic(8, macB)[:19]...) }, nil},
		"candidate": {func(s *stream) { s.point(evPMKIDCand, 0, append(words(1, 3), address(macB)...)...) },
			[]notice{{kind: noticeCandidate, addr: macB, index: 3, preauth: true}}},
		"short candidate": {func(s *stream) { s.point(evPMKIDCand, 0, append(words(1, 3), address(macB)...)[:23]...) }, nil},
		"no candidate":    {func(s *stream) { s.point(evPMKIDCand, 0, append(words(0, 3), address(dot11.Broadcast)...)...) }, nil},
		"old group MIC": {func(s *stream) {
			s.custom("MLME-MICHAELMICFAILURE.indication(keyid=1 broadcast addr=00:00:00:00:00:00)")
		}, []notice{{kind: noticeMIC}}},
		"old pairwise MIC": {func(s *stream) {
			s.custom("MLME-MICHAELMICFAILURE.indication(keyid=0 unicast addr=02:00:00:00:aa:01)\x00")
		}, []notice{{kind: noticeMIC, addr: macA, pairwise: true}}},
		"old MIC of a group": {func(s *stream) {
			s.custom("MLME-MICHAELMICFAILURE.indication(keyid=0 unicast addr=ff:ff:ff:ff:ff:ff)")
		}, []notice{{kind: noticeMIC, pairwise: true}}},
		"old MIC without address": {func(s *stream) { s.custom("MLME-MICHAELMICFAILURE.indication(addr=02:0") }, []notice{{kind: noticeMIC, pairwise: true}}},
		"old elements": {func(s *stream) { s.custom("ASSOCINFO(ReqIEs=000161 RespIEs=010102 beaconIEs=00)") },
			[]notice{{kind: noticeRequest, ies: []byte{0, 1, 'a'}}, {kind: noticeResponse, ies: []byte{1, 1, 2}}}},
		"broken old elements": {func(s *stream) { s.custom("ASSOCINFO(ReqIEs=0 RespIEs=xx)") }, nil},
		"other text":          {func(s *stream) { s.custom("ASSOC") }, nil},
	} {
		for abi, l := range layouts {
			s := &stream{l: l}
			tc.add(s)
			got, err := l.parseEvents(s.b)
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%s, %s: %+v, %v, want %+v", name, abi, got, err, tc.want)
			}
		}
	}
}

// TestNoticesOwnTheirBytes: the stream is reused by the reader.
func TestNoticesOwnTheirBytes(t *testing.T) {
	s := (&stream{l: native}).point(evAssocReqIE, 0, 0, 1, 'a')
	got, err := native.parseEvents(s.b)
	if err != nil || len(got) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	clear(s.b)
	if !bytes.Equal(got[0].ies, []byte{0, 1, 'a'}) {
		t.Errorf("elements % x", got[0].ies)
	}
}

func FuzzEvents(f *testing.F) {
	for _, name := range []string{"event-scan.bin", "event-ap-true.bin", "event-ap-false.bin"} {
		f.Add(readCapture(f, name), true)
	}
	for _, l := range layouts {
		s := &stream{l: l}
		s.point(evAssocReqIE, 0, 0, 1, 'a').point(evMICFailure, 0, append(append(words(4), address(macA)...), make([]byte, 8)...)...)
		s.point(evPMKIDCand, 0, append(words(1, 3), address(macB)...)...).custom("ASSOCINFO(ReqIEs=000161 RespIEs=010102)")
		s.custom("MLME-MICHAELMICFAILURE.indication(keyid=0 unicast addr=02:00:00:00:aa:01)").ap(macA)
		f.Add(s.b, l == layout64)
	}
	f.Fuzz(func(t *testing.T, b []byte, wide bool) {
		l := layout32
		if wide {
			l = layout64
		}
		list, err := l.parseEvents(b)
		if err == nil && len(list) > len(b) {
			t.Errorf("%d notices out of %d bytes", len(list), len(b))
		}
		for _, n := range list {
			if n.addr.IsGroup() || len(n.ies) > len(b) || n.kind == noticeCandidate && n.addr.IsZero() {
				t.Errorf("notice %+v", n)
			}
		}
	})
}
