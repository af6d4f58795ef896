package sim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func kinds() []eap.Kind { return []eap.Kind{KindSIM(), KindAKA(), KindAKAPrime()} }

func TestFull(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.Name, func(t *testing.T) {
			s := newServer(t, k, nil)
			s.full("", "")
			if id := k.Identity(s.env); id != nil {
				t.Errorf("identity %q without a pseudonym", id)
			}
			s.m.Close()
		})
	}
}

// TestIdentities: pseudonym, reauthentication, and back to the card.
func TestIdentities(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.Name, func(t *testing.T) {
			s := newServer(t, k, nil)
			s.full("2pseudo", "4again@example")
			if id := k.Identity(s.env); string(id) != "4again@example" {
				t.Fatalf("identity %q", id)
			}
			full := s.b.keys
			nonce := bytes.Repeat([]byte{9}, nonceLen)
			for counter := uint16(1); counter <= 2; counter++ {
				s.restart()
				s.b.keys = full
				next := nextIDs("", fmt.Sprintf("4again%d@example", counter))
				p := s.reauthRequest(counter, nonce, nil, next)
				r := s.process(p)
				rep := s.want(r, subReauth, nonce)
				inner, err := full.decrypt(rep.bodies[atIV], rep.bodies[atEncrData])
				if err != nil || inner.counter != counter || !inner.counted {
					t.Fatalf("%+v, %v", inner, err)
				}
				s.content(r)
				if want := append(append([]byte{byte(k.Type.Number)}, nonce...), p[len(p)-macLen:]...); !bytes.Equal(s.m.Keys().SessionID, want) {
					t.Errorf("Session-Id %x", s.m.Keys().SessionID)
				}
			}
			// The last one hands out nothing: the pseudonym is next.
			s.restart()
			s.b.keys = full
			s.content(s.process(s.reauthRequest(3, nonce, nil, nil)))
			if id := k.Identity(s.env); string(id) != "2pseudo@example" {
				t.Errorf("identity %q", id)
			}
			s.restart()
			s.full("", "")
		})
	}
}

// TestReauthIsOff: with fast_reauth=0 the identity is not used.
func TestReauthIsOff(t *testing.T) {
	s := newServer(t, KindSIM(), func(e *eap.Env) { e.Config.FastReauth = false })
	s.full("2pseudo", "4again@example")
	if id := s.kind.Identity(s.env); string(id) != "2pseudo@example" {
		t.Errorf("identity %q", id)
	}
	full := s.b.keys
	s.restart()
	s.b.keys = full
	s.failed("reauthentication", s.process(s.reauthRequest(1, make([]byte, 16), nil, nil)), subClientError, clientUnable)
}

// TestCounterTooSmall: a replayed reauthentication leads to a full one.
func TestCounterTooSmall(t *testing.T) {
	for _, k := range kinds() {
		s := newServer(t, k, nil)
		s.full("", "4again@example")
		full, nonce := s.b.keys, make([]byte, nonceLen)
		s.restart()
		s.b.keys = full
		r := s.process(s.reauthRequest(0, nonce, nil, nil))
		rep := s.want(r, subReauth, nonce)
		inner := mustAttrs(t, full, rep)
		if _, ok := inner[atCounterTooSmall]; !ok || r.Decision != eap.DecisionFail || s.m.Keys() != nil {
			t.Fatalf("%s: %+v, %v", k.Name, r, inner)
		}
		s.full("", "") // in the same conversation, the identity being the one told
	}
}

// mustAttrs decrypts a reply by hand, since attributes of a peer are refused by
// parseAttrs.
func mustAttrs(t *testing.T, k transient, rep *reply) map[attribute]bool {
	t.Helper()
	_, err := k.decrypt(rep.bodies[atIV], rep.bodies[atEncrData])
	out := map[attribute]bool{}
	if err != nil && strings.Contains(err.Error(), "attribute 20") {
		out[atCounterTooSmall] = true
	}
	return out
}

// TestIdentityRequests: less and less private, each once.
func TestIdentityRequests(t *testing.T) {
	ask := func(s *server, req attribute) eap.Result {
		if s.kind.Type == eap.TypeSIM {
			return s.process(add(add(s.request(subSIMStart), atVersionList, 2, []byte{0, 1}), req, 0, nil))
		}
		return s.process(add(s.request(subAKAIdentity), req, 0, nil))
	}
	for _, k := range kinds() {
		s := newServer(t, k, nil)
		s.full("2pseudo", "4again@example")
		s.restart()
		for req, want := range map[attribute]string{atAnyIDReq: "4again@example"} {
			r := ask(s, req)
			if s.want(r, s.reply(r).sub, nil); string(s.told) != want {
				t.Errorf("%s: %q, want %q", k.Name, s.told, want)
			}
			if _, ok := s.reply(r).bodies[atNonceMT]; ok {
				t.Errorf("%s: a nonce beside a reauthentication identity", k.Name)
			}
		}
		for _, step := range []struct {
			req  attribute
			want string
		}{{atFullAuthIDReq, "2pseudo@example"}, {atPermanentIDReq, "1232010000000000@example"}} {
			r := ask(s, step.req)
			if s.want(r, s.reply(r).sub, nil); string(s.told) != step.want {
				t.Errorf("%s: %q, want %q", k.Name, s.told, step.want)
			}
		}
		if id := k.Identity(s.env); id != nil {
			t.Errorf("%s: %q is remembered", k.Name, id)
		}
		s.failed("again", ask(s, atPermanentIDReq), subClientError, clientUnable)
		for _, first := range []attribute{atFullAuthIDReq, atPermanentIDReq} {
			s.restart()
			ask(s, first)
			s.failed("order", ask(s, atAnyIDReq), subClientError, clientUnable)
		}
	}
}

// TestProtectedResult is result_ind=1: content only after the notification.
func TestProtectedResult(t *testing.T) {
	indicate := func(p []byte) []byte { return add(p, atResultInd, 0, nil) }
	for _, k := range kinds() {
		s := newServer(t, k, func(e *eap.Env) { e.Config.Phase1 = "result_ind=1" })
		begin := func() {
			s.restart()
			var r eap.Result
			if k.Type == eap.TypeSIM {
				p, _ := s.simChallenge(s.start(0).bodies[atNonceMT], 2, indicate)
				r = s.process(p)
			} else {
				r = s.process(s.akaChallenge(indicate))
				s.sqn++
			}
			if _, ok := s.reply(r).bodies[atResultInd]; !ok || r.Decision != eap.DecisionFail || s.m.Keys() != nil {
				t.Fatalf("%s: %+v", k.Name, r)
			}
		}
		begin()
		r := s.process(s.b.seal(add(s.request(subNotification), atNotification, 32768, nil), nil))
		s.want(r, subNotification, []byte{})
		if s.content(r); r.State != eap.MethodStateDone || r.Decision != eap.DecisionUncondSucc {
			t.Errorf("%s: %+v", k.Name, r)
		}
		begin()
		s.failed("unprotected", s.process(add(s.request(subNotification), atNotification, 32768, nil)), subClientError, clientUnable)
		begin()
		r = s.process(s.b.seal(add(s.request(subNotification), atNotification, 1031, nil), nil))
		s.failed("refused", r, subNotification, 0)
		if len(r.Outputs) != 1 || r.Outputs[0].(eap.ErrorCode).Code != 1031 || !r.Why.Remote {
			t.Errorf("%s: %+v", k.Name, r)
		}
	}
}

// TestNotifications in states where they are due and where they are not.
func TestNotifications(t *testing.T) {
	for _, k := range kinds() {
		s := newServer(t, k, nil)
		r := s.process(add(s.request(subNotification), atNotification, 16384, nil))
		s.failed("general failure", r, subNotification, 0)
		if r.Outputs[0].(eap.ErrorCode).Code != 16384 {
			t.Errorf("%+v", r.Outputs)
		}
		for _, code := range []uint16{0, 1026, 32768, 49152} {
			s.restart()
			s.failed(fmt.Sprint(code, " before keys"), s.process(add(s.request(subNotification), atNotification, code, nil)), subClientError, clientUnable)
		}
		s.restart()
		s.failed("no code", s.process(s.request(subNotification)), subClientError, clientUnable)
		// After a reauthentication its counter goes with it.
		for _, counter := range []uint16{1, 2} {
			s.restart()
			s.full("", "4again@example")
			full := s.b.keys
			s.restart()
			s.b.keys = full
			s.content(s.process(s.reauthRequest(1, make([]byte, 16), nil, nil)))
			p := s.hidden(add(s.request(subNotification), atNotification, 1026, nil), appendAttr(nil, atCounter, counter, nil))
			r := s.process(s.b.seal(p, nil))
			if counter == 1 {
				s.failed("denied", r, subNotification, 0)
				continue
			}
			s.failed("wrong counter", r, subClientError, clientUnable)
		}
		s.restart()
		s.full("", "4again@example")
		full := s.b.keys
		s.restart()
		s.b.keys = full
		s.process(s.reauthRequest(1, make([]byte, 16), nil, nil))
		s.failed("no counter", s.process(s.b.seal(add(s.request(subNotification), atNotification, 1026, nil), nil)), subClientError, clientUnable)
	}
}

// TestForgedMAC: one bit anywhere in a challenge or reauthentication.
func TestForgedMAC(t *testing.T) {
	for _, k := range kinds() {
		s := newServer(t, k, nil)
		for _, bit := range []int{1, 12, 40, -1} {
			s.restart()
			var p []byte
			if k.Type == eap.TypeSIM {
				p, _ = s.simChallenge(s.start(0).bodies[atNonceMT], 2, nil)
			} else {
				p = s.akaChallenge(nil)
				s.sqn++
			}
			if bit < 0 {
				bit += len(p)
			}
			p[bit] ^= 1
			r := s.m.Process(eap.Request{ID: s.reqID, Data: p[typeDataAt:], Packet: p})
			if r.Decision != eap.DecisionFail || s.m.Keys() != nil || r.State != eap.MethodStateDone {
				t.Errorf("%s, byte %d: %+v", k.Name, bit, r)
			}
		}
		s.restart()
		s.full("", "4again@example")
		full := s.b.keys
		s.restart()
		s.b.keys = full
		p := s.reauthRequest(1, make([]byte, 16), nil, nil)
		p[len(p)-1] ^= 1
		s.failed("reauthentication", s.process(p), subClientError, clientUnable)
		if id := k.Identity(s.env); id != nil {
			t.Errorf("%s: %q is kept after a failure", k.Name, id)
		}
	}
}

func TestSIMChallenges(t *testing.T) {
	s := newServer(t, KindSIM(), func(e *eap.Env) { e.Config.Phase1 = "sim_min_num_chal=3" })
	p, _ := s.simChallenge(s.start(0).bodies[atNonceMT], 2, nil)
	s.failed("two", s.process(p), subClientError, clientFewRands)
	s.restart()
	s.start(0)
	same := bytes.Repeat([]byte{5}, 48)
	s.failed("the same", s.process(add(s.request(subSIMChallenge), atRand, 0, same)), subClientError, clientStaleRands)
	s.restart()
	s.failed("before start", s.process(add(s.request(subSIMChallenge), atRand, 0, same)), subClientError, clientUnable)
	for name, v := range map[string]struct {
		list []byte
		code uint16
	}{"none": {nil, clientUnable}, "odd": {[]byte{0, 1, 2}, clientUnable}, "other": {[]byte{0, 2}, clientVersion}} {
		s.restart()
		s.failed(name, s.process(add(s.request(subSIMStart), atVersionList, uint16(len(v.list)), v.list)), subClientError, v.code)
	}
	for _, bad := range []string{"1", "4", "-1"} {
		s.env.Config.Phase1 = "sim_min_num_chal=" + bad
		if _, err := s.kind.New(s.env); !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestResynchronisation: old sequence numbers are answered with AUTS, twice.
func TestResynchronisation(t *testing.T) {
	for _, k := range []eap.Kind{KindAKA(), KindAKAPrime()} {
		s := newServer(t, k, func(e *eap.Env) { e.Config.Password.Value = keys.Secret(testKi + ":" + testOPc + ":000000000100") })
		for range 2 {
			r := s.process(s.akaChallenge(nil))
			rep := s.want(r, subAKASync, nil)
			auts := append([]byte{byte(rep.values[atAuts] >> 8), byte(rep.values[atAuts])}, rep.bodies[atAuts]...)
			sqn, ok := s.op.Resync(s.last[12:28], auts)
			if !ok || hex.EncodeToString(sqn) != "000000000100" || r.Decision != eap.DecisionFail {
				t.Fatalf("%x, %v, %+v", sqn, ok, r)
			}
		}
		s.failed("third", s.process(s.akaChallenge(nil)), subAKAReject, 0)
		s.restart()
		s.process(s.akaChallenge(nil))
		s.sqn = 0x101
		s.full("", "")
		s.restart() // the number is remembered: the same again is old
		s.sqn = 0x101
		s.want(s.process(s.akaChallenge(nil)), subAKASync, nil)
	}
}

// TestWrongOperator: an AUTN by another key.
func TestWrongOperator(t *testing.T) {
	s := newServer(t, KindAKA(), nil)
	s.op, _ = NewMilenage(make([]byte, 16), make([]byte, 16))
	s.failed("other key", s.process(s.akaChallenge(nil)), subAKAReject, 0)
}

func TestCheckcode(t *testing.T) {
	for _, k := range []eap.Kind{KindAKA(), KindAKAPrime()} {
		s := newServer(t, k, nil)
		empty := func(p []byte) []byte { return add(p, atCheckcode, 0, nil) }
		if p := s.want(s.process(s.akaChallenge(empty)), subAKAChallenge, []byte{}); len(p.bodies[atCheckcode]) != 0 || p.values[atCheckcode] != 0 {
			t.Error("a checkcode without identity messages")
		}
		s.sqn++
		s.restart()
		s.process(add(s.request(subAKAIdentity), atPermanentIDReq, 0, nil))
		s.failed("messages hidden", s.process(s.akaChallenge(empty)), subClientError, clientUnable)
		s.sqn++
		s.restart()
		r := s.process(add(s.request(subAKAIdentity), atPermanentIDReq, 0, nil))
		s.want(r, subAKAIdentity, nil)
		sum := s.m.(*akaMethod).code()
		if want := map[bool]int{true: 32, false: 20}[k.Type == eap.TypeAKAPrime]; len(sum) != want {
			t.Errorf("checkcode of %d bytes", len(sum))
		}
		s.content(s.process(s.akaChallenge(func(p []byte) []byte { return add(p, atCheckcode, 0, sum) })))
		s.sqn++
	}
}

// TestBiddingDown: AKA from a server that has AKA'.
func TestBiddingDown(t *testing.T) {
	bid := func(p []byte) []byte { return add(p, atBidding, biddingPrime, nil) }
	for _, c := range []struct {
		methods []eap.Type
		reg     eap.Registry
		refuse  bool
	}{{nil, eap.Registry(kinds()), true}, {[]eap.Type{eap.TypeAKA, eap.TypeAKAPrime}, eap.Registry(kinds()), true},
		{[]eap.Type{eap.TypeAKA}, eap.Registry(kinds()), false}, {nil, eap.Registry{KindAKA()}, false}} {
		s := newServer(t, KindAKA(), func(e *eap.Env) { e.Config.Methods, e.Registry = c.methods, c.reg })
		r := s.process(s.akaChallenge(bid))
		if c.refuse {
			s.failed("bidding", r, subAKAReject, 0)
		} else {
			s.content(r)
		}
	}
}

// TestKeyDerivation is AT_KDF of AKA' (RFC 9048, 3.2).
func TestKeyDerivation(t *testing.T) {
	raw := func(s *server, name string, kdf ...uint16) []byte {
		rand := bytes.Repeat([]byte{byte(s.sqn)}, randLen)
		autn := s.op.AUTN(rand, s.sequence(), []byte{0x80, 0})
		_, ck, ik, _, _ := s.op.F2345(rand)
		ckp, ikp := bindNetwork(ck, ik, []byte(name), autn)
		s.b.keys, s.out = fromPrime(s.told, ckp, ikp)
		p := add(add(s.request(subAKAChallenge), atRand, 0, rand), atAutn, 0, autn)
		for _, v := range kdf {
			p = add(p, atKDF, v, nil)
		}
		if name != "" {
			p = add(p, atKDFInput, uint16(len(name)), []byte(name))
		}
		return s.b.seal(p, nil)
	}
	s := newServer(t, KindAKAPrime(), nil)
	p := s.want(s.process(raw(s, "WLAN", 7, 1)), subAKAChallenge, nil)
	if len(p.bodies) != 1 || p.values[atKDF] != 1 {
		t.Errorf("%v", p.values)
	}
	s.content(s.process(raw(s, "WLAN", 1, 7, 1)))
	s.sqn++
	for name, second := range map[string][]uint16{"no choice": {7, 1}, "other list": {1, 8, 1}, "list gone": {1}} {
		s.restart()
		s.process(raw(s, "WLAN", 7, 1))
		s.failed(name, s.process(raw(s, "WLAN", second...)), subAKAReject, 0)
		s.sqn++
	}
	s.restart()
	s.process(raw(s, "WLAN", 7, 1))
	s.failed("other network", s.process(raw(s, "LTE", 1, 7, 1)), subAKAReject, 0)
	for name, list := range map[string][]uint16{"unknown": {2}, "twice": {1, 1}, "none": nil} {
		s.restart()
		s.failed(name, s.process(raw(s, "WLAN", list...)), subAKAReject, 0)
	}
	s.restart()
	s.failed("no network", s.process(raw(s, "", 1)), subAKAReject, 0)
	s.restart()
	rand := make([]byte, randLen)
	s.failed("separation bit", s.process(s.akaChallengeOf(rand, s.op.AUTN(rand, s.sequence(), []byte{0x7f, 0xff}), nil)), subAKAReject, 0)
}

// TestExternalCard asks for the sums and takes all kinds of answers.
func TestExternalCard(t *testing.T) {
	external := func(e *eap.Env) { e.Config.ExternalSIM, e.Config.Password = true, eap.Password{} }
	s := newServer(t, KindSIM(), external)
	p, sres := s.simChallenge(s.start(0).bodies[atNonceMT], 2, nil)
	s.env.Answers.Put(eap.FieldSIM, keys.Secret("GSM-AUTH:stale"))
	r := s.process(p)
	rand1, rand2 := p[12:28], p[28:44]
	if want := fmt.Sprintf("GSM-AUTH:%x:%x", rand1, rand2); r.Need == nil || r.Need.Prompt() != want {
		t.Fatalf("%+v %+v", r, r.Need)
	}
	kc1, r1 := s.op.GSM(rand1)
	kc2, r2 := s.op.GSM(rand2)
	s.env.Answers.Put(eap.FieldSIM, keys.Secret(fmt.Sprintf("GSM-AUTH:%x:%x:%x:%x\n", kc1, r1, kc2, r2)))
	r = s.process(p)
	s.want(r, subSIMChallenge, sres)
	s.content(r)
	for _, answer := range []string{"GSM-FAIL", "", "GSM-AUTH", "GSM-AUTH:00", "GSM-AUTH:zz:00", "UMTS-AUTH:00:00:00", "GSM-AUTH:0011223344556677:001122:0011223344556677:00112233"} {
		s.restart()
		p, _ := s.simChallenge(s.start(0).bodies[atNonceMT], 2, nil)
		s.process(p)
		s.env.Answers.Put(eap.FieldSIM, keys.Secret(answer))
		s.failed(answer, s.process(p), subClientError, clientUnable)
	}
	s = newServer(t, KindAKA(), external)
	p = s.akaChallenge(nil)
	rand, autn := p[12:28], p[32:48]
	if r := s.process(p); r.Need == nil || r.Need.Prompt() != fmt.Sprintf("UMTS-AUTH:%x:%x", rand, autn) {
		t.Fatalf("%+v", r.Need)
	}
	res, ck, ik, _, _ := s.op.F2345(rand)
	s.env.Answers.Put(eap.FieldSIM, keys.Secret(fmt.Sprintf("UMTS-AUTH:%x:%x:%x", ik, ck, res)))
	s.content(s.process(p))
	s.restart()
	p = s.akaChallenge(nil)
	s.process(p)
	s.env.Answers.Put(eap.FieldSIM, keys.Secret("UMTS-AUTS:"+strings.Repeat("ab", 14)))
	if rep := s.want(s.process(p), subAKASync, nil); rep.values[atAuts] != 0xabab {
		t.Errorf("%v", rep.values)
	}
	for _, answer := range []string{"UMTS-FAIL", "UMTS-AUTS:00", "UMTS-AUTH:00:00:00", "UMTS-AUTH:x"} {
		s.restart()
		p = s.akaChallenge(nil)
		s.process(p)
		s.env.Answers.Put(eap.FieldSIM, keys.Secret(answer))
		s.failed(answer, s.process(p), subAKAReject, 0)
	}
}

func TestConfiguration(t *testing.T) {
	for name, c := range map[string]*eap.Config{
		"reader": {PCSC: "1"}, "nothing": {}, "password": {Password: eap.Password{Value: keys.Secret("secret")}},
		"hex":    {Password: eap.Password{Value: keys.Secret("zz:" + testOPc)}},
		"length": {Password: eap.Password{Value: keys.Secret("00:" + testOPc)}},
		"SQN":    {Password: eap.Password{Value: keys.Secret(testKi + ":" + testOPc + ":00")}},
		"four":   {Password: eap.Password{Value: keys.Secret(testKi + ":" + testOPc + ":000000000000:00")}},
	} {
		for _, k := range kinds() {
			if _, err := k.New(&eap.Env{Config: c}); !errors.Is(err, eap.ErrConfig) {
				t.Errorf("%s %s: %v", k.Name, name, err)
			}
		}
	}
	s := newServer(t, KindSIM(), func(e *eap.Env) { e.Config.Identity = nil })
	if r := s.process(s.request(subSIMStart)); r.Need == nil || r.Need.Field != eap.FieldIdentity {
		t.Errorf("%+v", r)
	}
	s.env.Config.Identity, s.env.Rand = []byte("1232"), bytes.NewReader(nil)
	if r := s.process(add(s.request(subSIMStart), atVersionList, 2, []byte{0, 1})); r.State != eap.MethodStateDone || r.Response != nil || r.Why == nil {
		t.Errorf("%+v", r)
	}
}

// TestAnonymousIdentity is what the keys are made of when it was told.
func TestAnonymousIdentity(t *testing.T) {
	s := newServer(t, KindAKA(), func(e *eap.Env) { e.Config.AnonymousIdentity = []byte("anonymous@example") })
	s.told = []byte("anonymous@example")
	s.full("2pseudo", "")
	if id := s.kind.Identity(s.env); string(id) != "2pseudo@example" {
		t.Errorf("%q", id)
	}
}

// TestEachMessageInEachState: what does not fit ends the method with Client-Error
// and never with keys.
func TestEachMessageInEachState(t *testing.T) {
	for _, k := range kinds() {
		for sub := subtype(0); sub < 20; sub++ {
			for _, st := range []state{stateBegin, stateResult, stateSuccess} {
				s := newServer(t, k, nil)
				if st != stateBegin {
					s.full("", "")
				}
				b := s.baseOf()
				b.state = st
				p := s.request(sub)
				if r := s.process(p); r.Decision != eap.DecisionFail || s.m.Keys() != nil || r.Response == nil {
					t.Errorf("%s, subtype %d in state %d: %+v", k.Name, sub, st, r)
				}
			}
		}
	}
}

func (s *server) baseOf() *base {
	if m, ok := s.m.(*simMethod); ok {
		return m.base
	}
	return s.m.(*akaMethod).base
}

func TestAttributes(t *testing.T) {
	good := [][]byte{
		appendAttr(nil, atRand, 0, make([]byte, 48)), appendAttr(nil, atVersionList, 3, []byte{0, 1, 0}),
		appendAttr(nil, 200, 7, []byte("skipped")), appendAttr(nil, atPadding, 0, make([]byte, 8)), nil,
		append(appendAttr(nil, atKDF, 1, nil), appendAttr(nil, atKDF, 2, nil)...),
	}
	for _, b := range good {
		if _, err := parseAttrs(b); err != nil {
			t.Errorf("%x: %v", b, err)
		}
		for n := 1; n < len(b); n++ {
			if _, err := parseAttrs(b[:n]); !errors.Is(err, ErrMalformed) && n%4 != 0 {
				t.Errorf("%x: %v", b[:n], err)
			}
		}
	}
	for name, b := range map[string][]byte{
		"no length":   {1, 0, 0, 0},
		"unknown":     appendAttr(nil, 127, 0, nil),
		"twice":       append(appendAttr(nil, atCounter, 1, nil), appendAttr(nil, atCounter, 1, nil)...),
		"two ids":     append(appendAttr(nil, atAnyIDReq, 0, nil), appendAttr(nil, atPermanentIDReq, 0, nil)...),
		"rands":       appendAttr(nil, atRand, 0, make([]byte, 64)),
		"no rands":    appendAttr(nil, atRand, 0, nil),
		"autn":        appendAttr(nil, atAutn, 0, make([]byte, 12)),
		"mac":         appendAttr(nil, atMAC, 0, nil),
		"versions":    appendAttr(nil, atVersionList, 5, []byte{0, 1}),
		"slack":       appendAttr(nil, atNextPseudonym, 1, make([]byte, 8)),
		"blocks":      appendAttr(nil, atEncrData, 0, make([]byte, 20)),
		"checkcode":   appendAttr(nil, atCheckcode, 0, make([]byte, 16)),
		"padding":     appendAttr(nil, atPadding, 0, []byte{0, 0, 0, 1}),
		"padding len": appendAttr(nil, atPadding, 0, make([]byte, 12)),
		"word":        appendAttr(nil, atCounter, 1, make([]byte, 4)),
	} {
		if _, err := parseAttrs(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
