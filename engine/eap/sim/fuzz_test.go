package sim

import (
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func FuzzAttributes(f *testing.F) {
	f.Add(appendAttr(appendAttr(nil, atRand, 0, make([]byte, 32)), atMAC, 0, make([]byte, 16)))
	f.Add(appendAttr(appendAttr(nil, atIV, 0, make([]byte, 16)), atEncrData, 0, make([]byte, 32)))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAttrs(b)
		if err != nil {
			return
		}
		if a.mac != nil && string(b[a.macAt:a.macAt+macLen]) != string(a.mac) {
			t.Fatalf("AT_MAC is not at %d", a.macAt)
		}
		if len(a.rands) > maxRands {
			t.Fatalf("%d challenges", len(a.rands))
		}
	})
}

func FuzzProcess(f *testing.F) {
	f.Add(byte(0), []byte("\x0a\x00\x00\x0f\x02\x00\x02\x00\x01\x00\x00"), []byte("\x0c\x00\x00\x0c\x01\x40\x00"))
	f.Add(byte(1), []byte("\x05\x00\x00\x0d\x01\x00\x00"), []byte("\x01\x00\x00"))
	f.Add(byte(2), []byte("\x0d\x00\x00"), []byte("\x01\x00\x00\x18\x01\x00\x01"))
	f.Fuzz(func(t *testing.T, which byte, first, second []byte) {
		s := newServer(t, kinds()[int(which)%3], nil)
		for _, data := range [][]byte{first, second, second} {
			s.reqID++
			p := eap.AppendPacket(nil, eap.CodeRequest, s.reqID, s.kind.Type, data[:min(len(data), 4000)])
			r := s.m.Process(eap.Request{ID: s.reqID, Data: p[typeDataAt:], Packet: p})
			if r.Decision != eap.DecisionFail || s.m.Keys() != nil || r.Need != nil || r.Ignore != nil {
				t.Fatalf("%x: %+v", data, r)
			}
			if r.State == eap.MethodStateDone {
				return
			}
		}
	})
}

func FuzzCardAnswers(f *testing.F) {
	f.Add("GSM-AUTH:0011223344556677:00112233")
	f.Add("UMTS-AUTH:00112233445566778899aabbccddeeff:00112233445566778899aabbccddeeff:00112233")
	f.Add("UMTS-AUTS:00112233445566778899aabbccdd")
	f.Fuzz(func(t *testing.T, answer string) {
		if g, err := parseGSM(answer, 1); err == nil && len(g) != 1 {
			t.Fatalf("%q: %d", answer, len(g))
		}
		q, err := parseUMTS(answer)
		if err == nil && len(q.auts) != autsLen && (len(q.res) < 4 || len(q.ck) != 16 || len(q.ik) != 16) {
			t.Fatalf("%q: %+v", answer, q)
		}
		parseSoftCard(keys.Secret(answer))
	})
}
