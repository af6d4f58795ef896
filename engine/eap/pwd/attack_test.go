package pwd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/ecc"
)

// TestCVE20199497to9499 is about commits that must be refused: scalars out of
// range, elements that are no points, our own commit (2019-4).
func TestCVE20199497to9499(t *testing.T) {
	for _, g := range []uint16{19, 20, 21} {
		curve, err := ecc.NewCurve(g)
		if err != nil {
			t.Fatal(err)
		}
		n := curve.Size
		one := make([]byte, n)
		one[n-1] = 1
		good := newServer(t, g, nil).commitment()
		scalar, element := good[2*n:], good[:2*n]
		bad := map[string]commit{
			"scalar 0":         {element: element, scalar: make([]byte, n)},
			"scalar 1":         {element: element, scalar: one},
			"scalar order":     {element: element, scalar: curve.Order.Bytes()},
			"scalar all ones":  {element: element, scalar: bytes.Repeat([]byte{0xff}, n)},
			"element 0":        {element: make([]byte, 2*n), scalar: scalar},
			"element all ones": {element: bytes.Repeat([]byte{0xff}, 2*n), scalar: scalar},
			"element x prime":  {element: append(curve.Prime(), one...), scalar: scalar},
			"element off":      {element: append(bytes.Clone(element[:2*n-1]), element[2*n-1]^1), scalar: scalar},
		}
		for name, c := range bad {
			s := newServer(t, g, nil)
			s.upTo(stateCommit)
			r := s.send(exchCommit, append(bytes.Clone(c.element), c.scalar...))
			if r.Response != nil || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || r.Why.Check != "commit" {
				t.Errorf("group %d, %s: %+v", g, name, r)
			}
			if r := s.send(exchConfirm, make([]byte, hashLen)); r.Ignore == nil {
				t.Errorf("group %d, %s: the method goes on", g, name)
			}
		}
	}
}

// TestReflection: a server that knows our randomness and sends our own commit.
func TestReflection(t *testing.T) {
	s := newServer(t, 19, nil)
	s.upTo(stateCommit)
	s.commitment()
	mirror, err := newPrivate(s.curve, seeded(1), s.pwe)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]commit{
		"both":    {element: mirror.element, scalar: mirror.scalar},
		"scalar":  {element: s.own.element, scalar: mirror.scalar},
		"element": {element: mirror.element, scalar: s.own.scalar},
	} {
		if err := mirror.check(s.curve, c); !errors.Is(err, ErrReflection) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := s.send(exchCommit, append(bytes.Clone(mirror.element), mirror.scalar...))
	if r.Response != nil || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail {
		t.Errorf("%+v", r)
	}
}

// TestReflectedConfirm: our own proof is none of the server's.
func TestReflectedConfirm(t *testing.T) {
	s := newServer(t, 19, nil)
	s.upTo(stateConfirm)
	ours := confirmOf(s.k, s.peer.element, s.peer.scalar, s.own.element, s.own.scalar, s.suite)
	if r := s.send(exchConfirm, ours); r.Response != nil || r.Decision != eap.DecisionFail || r.State != eap.MethodStateDone {
		t.Errorf("%+v", r)
	}
}

// TestIdentityElement: element = -(scalar · PWE) makes the shared element the
// identity, whose x would be known to everybody.
func TestIdentityElement(t *testing.T) {
	s := newServer(t, 19, nil)
	s.upTo(stateCommit)
	s.commitment()
	back, err := s.curve.Order.Negated(s.own.scalar)
	if err != nil {
		t.Fatal(err)
	}
	element, err := s.curve.Mul(back, s.pwe)
	if err != nil {
		t.Fatal(err)
	}
	if r := s.send(exchCommit, append(element, s.own.scalar...)); r.Response != nil || r.State != eap.MethodStateDone || r.Why == nil || r.Why.Check != "commit" {
		t.Errorf("%+v", r)
	}
}

// TestCVE201911555 gives fragments in any order: errors or acknowledgements,
// never more than the declared total, never a panic.
func TestCVE201911555(t *testing.T) {
	s := newServer(t, 19, nil)
	s.upTo(stateCommit)
	parts := fragments(exchCommit, s.commitment(), 30)
	orders := [][]int{{1}, {3}, {0, 0}, {0, 3}, {0, 1, 0}, {1, 0}, {0, 2, 1, 2}, {3, 2, 1, 0}}
	for _, order := range orders {
		s := newServer(t, 19, nil)
		s.upTo(stateCommit)
		for i, n := range order {
			if r := s.raw(parts[n]); r.Response != nil && r.State != eap.MethodStateMayCont || r.Decision != eap.DecisionFail {
				t.Errorf("order %v, step %d: %+v", order, i, r)
			}
		}
		if s.m.(*method).state != stateCommit {
			t.Errorf("order %v: state %d", order, s.m.(*method).state)
		}
	}
	// A Total-Length that counts the header is put up with.
	binary.BigEndian.PutUint16(parts[0][1:], binary.BigEndian.Uint16(parts[0][1:])+totalSlack)
	s = newServer(t, 19, nil)
	s.upTo(stateCommit)
	s.commitment()
	var r eap.Result
	for i, p := range parts {
		if r = s.raw(p); i < len(parts)-1 {
			if ack := s.body(r, exchCommit); len(ack) != 0 {
				t.Errorf("acknowledgement %x", ack)
			}
		}
	}
	s.take(s.body(r, exchCommit))
	s.check(s.body(s.send(exchConfirm, s.confirm), exchConfirm))
}

// TestCVE20155315 is the last fragment that exceeds the total, or stays below.
func TestCVE20155315(t *testing.T) {
	head := func(flags byte, total int, n int) []byte {
		b := []byte{flags | byte(exchCommit)}
		if flags&flagLength != 0 {
			b = binary.BigEndian.AppendUint16(b, uint16(total))
		}
		return append(b, make([]byte, n)...)
	}
	for name, seq := range map[string][][]byte{
		"beyond":          {head(flagLength|flagMore, 96, 50), head(0, 0, 50)},
		"short":           {head(flagLength|flagMore, 96, 50), head(0, 0, 40)},
		"more beyond":     {head(flagLength|flagMore, 96, 50), head(flagMore, 0, 50)},
		"empty":           {head(flagLength|flagMore, 96, 50), head(flagMore, 0, 0)},
		"first too long":  {head(flagLength|flagMore, 40, 50)},
		"total too long":  {head(flagLength|flagMore, maxTotal+1, 50)},
		"no total":        {head(flagMore, 0, 50)},
		"single, too few": {head(flagLength, 96, 50)},
		"restart":         {head(flagLength|flagMore, 96, 50), head(flagLength|flagMore, 96, 50)},
		"cut length":      {{byte(exchCommit) | flagLength, 0}},
		"nothing":         {{}},
	} {
		s := newServer(t, 19, nil)
		s.upTo(stateCommit)
		var r eap.Result
		for _, p := range seq {
			r = s.raw(p)
		}
		if r.Ignore == nil || s.m.(*method).state != stateCommit {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestCVE20155316 is each exchange in each state: what is not expected is
// dropped and changes nothing (an unexpected Confirm above all).
func TestCVE20155316(t *testing.T) {
	for st := stateID; st <= stateDone; st++ {
		for exch := exchange(0); exch <= 4; exch++ {
			s := newServer(t, 19, nil)
			s.upTo(st)
			m := s.m.(*method)
			if st < stateDone && exch == m.expected() {
				continue
			}
			for _, body := range [][]byte{nil, make([]byte, hashLen), make([]byte, 96), s.id.marshal()} {
				before := *m
				r := s.send(exch, body)
				if r.Ignore == nil || m.state != before.state || m.keys != before.keys || m.own != before.own {
					t.Errorf("exchange %d in state %d: %+v", exch, st, r)
				}
			}
			if st == stateConfirm { // and the honest one still works
				s.check(s.body(s.send(exchConfirm, s.confirm), exchConfirm))
			}
		}
	}
}

// TestCVE20154143to4146 is about wrong lengths of each message.
func TestCVE20154143to4146(t *testing.T) {
	for st, exch := range map[state]exchange{stateID: exchID, stateCommit: exchCommit, stateConfirm: exchConfirm} {
		want := map[exchange]int{exchCommit: 96, exchConfirm: hashLen}[exch]
		for n := range 200 {
			if exch == exchID && n >= identityFixed || n == want {
				continue
			}
			s := newServer(t, 19, nil)
			m := s.m.(*method)
			m.curve = s.curve // as after ID, to spare the sums
			m.state = st
			m.own = &private{}
			if r := s.send(exch, make([]byte, n)); r.Ignore == nil || m.state != st {
				t.Errorf("exchange %d of %d bytes: %+v", exch, n, r)
			}
		}
	}
	s := newServer(t, 19, func(s *server) { s.id.prep, s.salt = prepSHA1, []byte("salt") })
	s.upTo(stateCommit)
	good := s.commitment()
	for n := range good {
		if r := s.send(exchCommit, good[:n]); r.Ignore == nil {
			t.Errorf("salted commit cut to %d bytes: %+v", n, r)
		}
	}
	for _, b := range [][]byte{append([]byte{0}, good[5:]...), append([]byte{255}, good[1:]...)} {
		if r := s.send(exchCommit, b); r.Ignore == nil {
			t.Errorf("salt length %d: %+v", b[0], r)
		}
	}
}

// TestCVE20199495 is CVE-2019-9494's twin in EAP-pwd: the password element costs
// the same for every password. engine/ecc counts its multiplications.
func TestCVE20199495(t *testing.T) {
	for _, g := range []uint16{19, 20, 21} {
		c, err := ecc.NewCurve(g)
		if err != nil {
			t.Fatal(err)
		}
		work := map[int]int{}
		for n := range byte(8) {
			f, _ := c.Field()
			rounds := 0
			if _, err := c.Hunt(f, func(counter byte, bits int) ([]byte, []byte) {
				rounds++
				seed := hash([]byte{n, counter})
				return seed, value(seed, []byte("EAP-pwd Hunting And Pecking"), bits)
			}); err != nil {
				t.Fatal(err)
			}
			work[f.Muls()<<8|rounds]++
		}
		if len(work) != 1 {
			t.Errorf("group %d: %v", g, maps.Collect(maps.All(work)))
		}
	}
}

// TestCVE201913377: no Brainpool curve, whose search for the password element takes
// longer for some passwords, whatever is configured.
func TestCVE201913377(t *testing.T) {
	for g := uint16(28); g <= 30; g++ {
		s := newServer(t, 19, func(s *server) { s.env.Config.Phase1 = "eap_pwd_groups=19-30" })
		s.id.group = g
		if r := s.identify(); r.Response != nil || r.Why == nil || r.Why.Check != "group" {
			t.Errorf("group %d: %+v", g, r)
		}
	}
}

// TestDragonbloodGroups: weak groups are never accepted, whatever is configured.
func TestDragonbloodGroups(t *testing.T) {
	for _, phase1 := range []string{"", "eap_pwd_groups=1-40"} {
		for g := uint16(0); g < 40; g++ {
			s := newServer(t, 19, func(s *server) { s.env.Config.Phase1 = phase1 })
			s.id.group = g
			r := s.identify()
			if ok := g >= 19 && g <= 21; ok != (r.Response != nil) {
				t.Errorf("group %d: %+v", g, r)
			}
		}
	}
}

func FuzzProcess(f *testing.F) {
	f.Add([]byte("\x01\x00\x13\x01\x01\x01\x02\x03\x04\x00server"), []byte("\xc2\x00\x60\x01\x02\x03"), []byte("\x02\x00"), byte(0))
	f.Add([]byte("\x01\x00\x13\x01\x01\x01\x02\x03\x04\x03server"), []byte("\x02\x04salt"), []byte("\x03"), byte(20))
	f.Fuzz(func(t *testing.T, a, b, c []byte, size byte) {
		s := newServer(t, 19, func(s *server) { s.env.Config.FragmentSize = int(size) })
		for _, data := range [][]byte{a, b, c, c} {
			r := s.raw(data)
			if r.Decision != eap.DecisionFail {
				t.Fatalf("content with %x", data)
			}
			if r.Response != nil && len(r.Response) > 5+max(int(size), minFragment) && size > 0 {
				t.Fatalf("answer of %d bytes, limit %d", len(r.Response), size)
			}
			if m := s.m.(*method); len(m.in.data) > m.in.total {
				t.Fatalf("%d bytes of %d", len(m.in.data), m.in.total)
			}
		}
	})
}
