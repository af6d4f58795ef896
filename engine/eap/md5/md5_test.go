package md5

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func method4(t *testing.T, c *eap.Config) (eap.Method, *eap.Env) {
	t.Helper()
	env := &eap.Env{Config: c, Answers: &eap.Answers{}}
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	return m, env
}

// TestResponse: the digest is what coreutils make of
// printf '\002secret0123456789abcdef' | md5sum.
func TestResponse(t *testing.T) {
	m, _ := method4(t, &eap.Config{Password: eap.Password{Value: keys.Secret("secret")}})
	r := m.Process(eap.Request{ID: 2, Data: []byte("\x100123456789abcdefserver")})
	want, _ := hex.DecodeString("02020016" + "04" + "10" + "ea8b19d2a344584521fd0ff6f675cf47")
	if !bytes.Equal(r.Response, want) || r.State != eap.MethodStateDone || r.Decision != eap.DecisionCondSucc || m.Keys() != nil {
		t.Errorf("%+v, want %x", r, want)
	}
}

func TestRefusals(t *testing.T) {
	m, _ := method4(t, &eap.Config{Password: eap.Password{Value: keys.Secret("secret")}})
	for _, data := range []string{"", "\x00", "\x00name", "\x05abcd", "\xff"} {
		if r := m.Process(eap.Request{ID: 2, Data: []byte(data)}); !errors.Is(r.Ignore, ErrMalformed) || r.Response != nil {
			t.Errorf("%q: %+v", data, r)
		}
	}
	if _, err := Kind().New(&eap.Env{Config: &eap.Config{Password: eap.Password{Value: make(keys.Secret, 16), Hash: true}}}); !errors.Is(err, eap.ErrConfig) {
		t.Errorf("NT hash: %v", err)
	}
}

func TestPasswordIsAskedFor(t *testing.T) {
	m, env := method4(t, &eap.Config{})
	req := eap.Request{ID: 2, Data: []byte("\x100123456789abcdef")}
	if r := m.Process(req); r.Need == nil || r.Need.Field != eap.FieldPassword {
		t.Fatalf("%+v", r)
	}
	env.Answers.Put(eap.FieldPassword, keys.Secret("secret"))
	if r := m.Process(req); r.Response == nil {
		t.Errorf("%+v", r)
	}
}

func FuzzChallenge(f *testing.F) {
	f.Add([]byte("\x100123456789abcdefserver"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseChallenge(b)
		if (err == nil) != (len(c) > 0) || err == nil && int(b[0]) != len(c) {
			t.Fatalf("%x: %x, %v", b, c, err)
		}
	})
}
