package sim

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

const (
	testKi  = "90dca4eda45b53cf0f12d7c9c3bc6a89"
	testOPc = "cb9cccc4b9258e6dca4760379fb82581"
)

// seeded is a repeatable source of random bytes.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// server plays the other side: it sends attributes, verifies and derives.
type server struct {
	t      *testing.T
	env    *eap.Env
	kind   eap.Kind
	m      eap.Method
	op     *Milenage
	sqn    uint64
	reqID  uint8
	told   []byte // the identity the method told last
	b      base   // for the functions that seal and encrypt
	random io.Reader
	out    *eap.Keys
	last   []byte // request
}

func newServer(t *testing.T, kind eap.Kind, change func(*eap.Env)) *server {
	t.Helper()
	op, err := NewMilenage(unhex(testKi), unhex(testOPc))
	if err != nil {
		t.Fatal(err)
	}
	env := &eap.Env{
		Config: &eap.Config{Identity: []byte("1232010000000000@example"), FastReauth: true,
			Password: eap.Password{Value: keys.Secret(testKi + ":" + testOPc + ":000000000000")}},
		Rand: seeded(0), Answers: &eap.Answers{}, Memory: &eap.Memory{},
	}
	env.Config.Methods = []eap.Type{kind.Type}
	if change != nil {
		change(env)
	}
	s := &server{t: t, env: env, kind: kind, op: op, sqn: 1, reqID: 10, random: seeded(100)}
	s.restart()
	return s
}

// restart begins another conversation with the same memory.
func (s *server) restart() {
	s.t.Helper()
	var err error
	if s.m, err = s.kind.New(s.env); err != nil {
		s.t.Fatal(err)
	}
	s.b = base{env: &eap.Env{Rand: s.random}, kind: s.kind.Type}
	s.told = s.kind.Identity(s.env)
	if s.told == nil {
		s.told = s.env.Config.Identity
	}
}

// request begins one; attributes are added with add.
func (s *server) request(sub subtype) []byte {
	s.reqID++
	return eap.AppendPacket(nil, eap.CodeRequest, s.reqID, s.kind.Type, []byte{byte(sub), 0, 0})
}

func (s *server) process(packet []byte) eap.Result {
	s.last = packet
	return s.m.Process(eap.Request{ID: packet[1], Data: packet[typeDataAt:], Packet: packet})
}

// reply is a response taken apart.
type reply struct {
	sub    subtype
	packet []byte
	values map[attribute]uint16
	bodies map[attribute][]byte
	macAt  int
}

func (s *server) reply(r eap.Result) *reply {
	s.t.Helper()
	p, err := eap.ParsePacket(r.Response)
	if err != nil || p.Code != eap.CodeResponse || p.Type != s.kind.Type || p.ID != s.reqID || len(p.Data) < headerLen {
		s.t.Fatalf("response %x: %v; %+v", r.Response, err, r)
	}
	out := &reply{sub: subtype(p.Data[0]), packet: p.Raw, values: map[attribute]uint16{}, bodies: map[attribute][]byte{}}
	for at := typeDataAt + headerLen; at < len(p.Raw); {
		t, n := attribute(p.Raw[at]), int(p.Raw[at+1])*4
		out.values[t], out.bodies[t] = binary.BigEndian.Uint16(p.Raw[at+2:]), p.Raw[at+4:at+n]
		if t == atMAC {
			out.macAt = at + 4
		}
		at += n
	}
	return out
}

// want checks a reply's subtype and, unless extra is nil, its MAC.
func (s *server) want(r eap.Result, sub subtype, extra []byte) *reply {
	s.t.Helper()
	p := s.reply(r)
	if p.sub != sub {
		s.t.Fatalf("subtype %d, want %d; %+v %v", p.sub, sub, r, r.Why)
	}
	if extra != nil && (p.macAt == 0 || !keys.Equal(s.b.keys.mac(p.packet, p.macAt, extra), p.bodies[atMAC])) {
		s.t.Fatalf("AT_MAC of the response does not verify")
	}
	if id, ok := p.bodies[atIdentity]; ok {
		s.told = id[:p.values[atIdentity]]
	}
	return p
}

// hidden adds attributes encrypted.
func (s *server) hidden(packet, plain []byte) []byte {
	s.t.Helper()
	packet, err := s.b.addEncrypted(packet, plain)
	if err != nil {
		s.t.Fatal(err)
	}
	return packet
}

// nextIDs are the attributes that hand out identities.
func nextIDs(pseudonym, reauth string) []byte {
	var b []byte
	if pseudonym != "" {
		b = appendAttr(b, atNextPseudonym, uint16(len(pseudonym)), []byte(pseudonym))
	}
	if reauth != "" {
		b = appendAttr(b, atNextReauthID, uint16(len(reauth)), []byte(reauth))
	}
	return b
}

// start is the SIM version round; req is 0 or asks for an identity.
func (s *server) start(req attribute) *reply {
	s.t.Helper()
	p := add(s.request(subSIMStart), atVersionList, 2, []byte{0, 1})
	if req != 0 {
		p = add(p, req, 0, nil)
	}
	return s.want(s.process(p), subSIMStart, nil)
}

// simChallenge makes a challenge for the nonce of a start; edit changes it before
// it is sealed.
func (s *server) simChallenge(nonce []byte, n int, edit func([]byte) []byte) (packet, sres []byte) {
	s.t.Helper()
	rands := make([]byte, n*randLen)
	s.random.Read(rands)
	var list []triplet
	for i := range n {
		kc, r := s.op.GSM(rands[i*randLen:][:randLen])
		list = append(list, triplet{kc, r})
		sres = append(sres, r[:]...)
	}
	s.b.keys, s.out = fromMaster(simMaster(s.told, list, nonce, []byte{0, 1}, 1))
	packet = add(s.request(subSIMChallenge), atRand, 0, rands)
	if edit != nil {
		packet = edit(packet)
	}
	return s.b.seal(packet, nonce), sres
}

// akaChallenge makes a challenge with the next sequence number.
func (s *server) akaChallenge(edit func([]byte) []byte) []byte {
	s.t.Helper()
	rand := make([]byte, randLen)
	s.random.Read(rand)
	return s.akaChallengeOf(rand, s.op.AUTN(rand, s.sequence(), []byte{0x80, 0}), edit)
}

// sequence is the operator's number.
func (s *server) sequence() []byte { return binary.BigEndian.AppendUint64(nil, s.sqn)[2:] }

func (s *server) akaChallengeOf(rand, autn []byte, edit func([]byte) []byte) []byte {
	_, ck, ik, _, _ := s.op.F2345(rand)
	packet := add(add(s.request(subAKAChallenge), atRand, 0, rand), atAutn, 0, autn)
	if s.kind.Type == eap.TypeAKAPrime {
		packet = add(add(packet, atKDF, 1, nil), atKDFInput, 4, []byte("WLAN"))
		ckp, ikp := bindNetwork(ck, ik, []byte("WLAN"), autn)
		s.b.keys, s.out = fromPrime(s.told, ckp, ikp)
	} else {
		s.b.keys, s.out = fromMaster(akaMaster(s.told, ik, ck))
	}
	if edit != nil {
		packet = edit(packet)
	}
	return s.b.seal(packet, nil)
}

// full runs a whole full authentication that hands out identities.
func (s *server) full(pseudonym, reauth string) {
	s.t.Helper()
	edit := func(p []byte) []byte {
		if pseudonym+reauth != "" {
			p = s.hidden(p, nextIDs(pseudonym, reauth))
		}
		return p
	}
	var r eap.Result
	if s.kind.Type == eap.TypeSIM {
		nonce := s.start(0).bodies[atNonceMT]
		p, sres := s.simChallenge(nonce, 3, edit)
		r = s.process(p)
		s.want(r, subSIMChallenge, sres)
	} else {
		r = s.process(s.akaChallenge(edit))
		rand := s.last[12:28]
		res, _, _, _, _ := s.op.F2345(rand)
		if p := s.want(r, subAKAChallenge, []byte{}); !bytes.Equal(p.bodies[atRes], res) || p.values[atRes] != 64 {
			s.t.Fatalf("RES %x, want %x", p.bodies[atRes], res)
		}
		s.sqn++
	}
	s.content(r)
}

// content checks that the method is, and that the keys are the server's.
func (s *server) content(r eap.Result) {
	s.t.Helper()
	k := s.m.Keys()
	if r.Decision == eap.DecisionFail || k == nil || !k.MSK.Equal(s.out.MSK) || !k.EMSK.Equal(s.out.EMSK) || len(k.MSK) != 64 || len(k.EMSK) != 64 {
		s.t.Fatalf("%+v, keys %v", r, k)
	}
	if len(k.SessionID) < 33 || uint32(k.SessionID[0]) != s.kind.Type.Number {
		s.t.Fatalf("Session-Id %s", hex.EncodeToString(k.SessionID))
	}
}

// failed checks that the method ended with that subtype and code.
func (s *server) failed(name string, r eap.Result, sub subtype, code uint16) {
	s.t.Helper()
	if r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || s.m.Keys() != nil {
		s.t.Errorf("%s: %+v", name, r)
		return
	}
	p := s.reply(r)
	if p.sub != sub || p.values[atClientErrorCode] != code {
		s.t.Errorf("%s: subtype %d with %v, want %d with code %d (%s)", name, p.sub, p.values, sub, code, r.Why.Detail)
	}
}

// reauthRequest is a fast reauthentication with the keys of the last full one.
func (s *server) reauthRequest(counter uint16, nonce []byte, edit func([]byte) []byte, more []byte) []byte {
	p := s.request(subReauth)
	if edit != nil {
		p = edit(p)
	}
	plain := appendAttr(appendAttr(nil, atCounter, counter, nil), atNonceS, 0, nonce)
	s.out = s.b.keys.reauthKeys(s.told, counter, nonce)
	return s.b.seal(s.hidden(p, append(plain, more...)), nil)
}
