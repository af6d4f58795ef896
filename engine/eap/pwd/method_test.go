package pwd

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

func TestExchange(t *testing.T) {
	for _, g := range []uint16{19, 20, 21} {
		s := newServer(t, g, nil)
		if got := s.body(s.identify(), exchID); !bytes.Equal(got, append([]byte{0, byte(g), 1, 1, 1, 2, 3, 4, 0}, "user"...)) {
			t.Errorf("ID %x", got)
		}
		r := s.send(exchCommit, s.commitment())
		if r.State != eap.MethodStateMayCont || r.Decision != eap.DecisionFail || s.m.Keys() != nil {
			t.Errorf("before Confirm: %+v", r)
		}
		s.take(s.body(r, exchCommit))
		r = s.send(exchConfirm, s.confirm)
		s.check(s.body(r, exchConfirm))
		if r.State != eap.MethodStateDone || r.Decision != eap.DecisionUncondSucc {
			t.Errorf("%+v", r)
		}
		s.m.Close()
	}
}

// TestPreparations: the server holds what the password becomes.
func TestPreparations(t *testing.T) {
	salt := []byte("0123456789")
	sum1 := sha1.Sum([]byte("secret0123456789"))
	sum256 := sha256.Sum256([]byte("secret0123456789"))
	sum512 := sha512.Sum512([]byte("secret0123456789"))
	nt, _ := hex.DecodeString("878d8014606cda29677a44efa1353fc7") // NT hash of "secret", as smbpasswd stores it
	for p, secret := range map[prep][]byte{prepNone: []byte("secret"), prepSASLprep: []byte("secret"),
		prepSHA1: sum1[:], prepSHA256: sum256[:], prepSHA512: sum512[:]} {
		s := newServer(t, 19, func(s *server) { s.id.prep, s.salt, s.secret = p, salt, secret })
		s.upTo(stateDone)
	}
	twice, err := prepNTHash.apply(eap.Password{Value: nt, Hash: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, pw := range []eap.Password{{Value: nt, Hash: true}, {Value: keys.Secret("secret")}} {
		s := newServer(t, 19, func(s *server) { s.id.prep, s.secret, s.env.Config.Password = prepNTHash, twice, pw })
		s.upTo(stateDone)
	}
	for p, pw := range map[prep]eap.Password{prepNone: {Value: nt, Hash: true}, prepSHA256: {Value: nt, Hash: true},
		prepSASLprep: {Value: keys.Secret("sécret")}, prepNTHash: {Value: keys.Secret("\xff")}} {
		s := newServer(t, 19, func(s *server) { s.id.prep, s.salt, s.env.Config.Password = p, salt, pw })
		s.upTo(stateCommit)
		if r := s.send(exchCommit, s.commitment()); r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil {
			t.Errorf("%v: %+v", p, r)
		}
	}
}

// TestProposals that are not accepted end the method.
func TestProposals(t *testing.T) {
	for name, change := range map[string]func(*identity){
		"group 18":    func(i *identity) { i.group = 18 },
		"brainpool":   func(i *identity) { i.group = 28 },
		"group 20":    func(i *identity) { i.group = 20 }, // not configured below
		"function":    func(i *identity) { i.random = 2 },
		"PRF":         func(i *identity) { i.prf = 0 },
		"crypt":       func(i *identity) { i.prep = 6 },
		"unknown":     func(i *identity) { i.prep = 200 },
		"all at once": func(i *identity) { *i = identity{} },
	} {
		s := newServer(t, 19, func(s *server) { s.env.Config.Phase1 = "eap_pwd_groups=19,21" })
		change(&s.id)
		if r := s.identify(); r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Response != nil || r.Why == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestGroups(t *testing.T) {
	for in, want := range map[string]string{"19": "[19]", "19-20,21": "[19 20 21]", "21,19": "[19 21]", "0-65535": "[19 20 21]", "1,20,28-30": "[20]",
		"": "", "a": "", "18": "", "28-30": "", "21-19": "", "19,": "", "19-": "", "-19": "", "70000": ""} {
		got, err := parseGroups(in)
		if (err == nil) != (want != "") || err == nil && fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if _, err := Kind().New(&eap.Env{Config: &eap.Config{Phase1: "eap_pwd_groups=28"}}); !errors.Is(err, eap.ErrConfig) {
		t.Error(err)
	}
}

func TestCredentials(t *testing.T) {
	s := newServer(t, 19, func(s *server) { s.env.Config.Identity, s.env.Config.Password = nil, eap.Password{} })
	if r := s.identify(); r.Need == nil || r.Need.Field != eap.FieldIdentity {
		t.Fatalf("%+v", r)
	}
	s.env.Config.Identity = []byte("user")
	s.upTo(stateCommit)
	c := s.commitment()
	for i, f := range fragments(exchCommit, c, 40) { // asked at the last fragment
		if r := s.raw(f); (r.Need != nil) != (i == 2) {
			t.Fatalf("fragment %d: %+v", i, r)
		}
	}
	s.env.Answers.Put(eap.FieldPassword, keys.Secret("secret"))
	s.take(s.body(s.raw(fragments(exchCommit, c, 40)[2]), exchCommit))
	s.check(s.body(s.send(exchConfirm, s.confirm), exchConfirm))
}

func TestWrongPassword(t *testing.T) {
	s := newServer(t, 19, func(s *server) { s.secret = []byte("another") })
	s.upTo(stateConfirm)
	r := s.send(exchConfirm, s.confirm)
	if r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || r.Why.Check != "server proof" || r.Response != nil || s.m.Keys() != nil {
		t.Errorf("%+v", r)
	}
}

// TestOwnFragments: each answer in pieces of at most fragment_size.
func TestOwnFragments(t *testing.T) {
	for _, size := range []int{1, 20, 33, 97} {
		s := newServer(t, 21, func(s *server) { s.env.Config.FragmentSize = size })
		long := func(r eap.Result) []byte {
			if len(r.Response) > 5+max(size, minFragment) {
				t.Errorf("fragment of %d bytes, limit %d", len(r.Response)-5, size)
			}
			return s.collect(r)
		}
		long(s.identify())
		s.take(long(s.send(exchCommit, s.commitment())))
		s.reqID++
		r := s.m.Process(eap.Request{ID: s.reqID, Data: append([]byte{byte(exchConfirm)}, s.confirm...)})
		if size < hashLen && (r.State != eap.MethodStateMayCont || r.Decision != eap.DecisionFail) {
			t.Errorf("content before the last fragment left: %+v", r)
		}
		s.check(long(r))
	}
}

func TestNoRandomness(t *testing.T) {
	s := newServer(t, 19, func(s *server) { s.env.Rand = bytes.NewReader(make([]byte, 31)) })
	s.upTo(stateCommit)
	if r := s.send(exchCommit, s.commitment()); r.State != eap.MethodStateDone || r.Why == nil || r.Why.Check != "randomness" {
		t.Errorf("%+v", r)
	}
	if _, err := newPrivate(s.curve, zeros{}, s.pwe); !errors.Is(err, ecc.ErrRandomness) {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestPrinting(t *testing.T) {
	m := &method{k: keys.Secret("abc")}
	if s := fmt.Sprintf("%v %+v %#v", m, m, m); strings.Contains(s, "abc") || strings.Contains(s, "97") {
		t.Error(s)
	}
	for p := prep(0); p < 18; p++ {
		if p.String() == "" {
			t.Errorf("preparation %d has no name", p)
		}
	}
}
