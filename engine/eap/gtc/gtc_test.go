package gtc

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func start(t *testing.T, password string) (eap.Method, *eap.Env) {
	t.Helper()
	c := &eap.Config{}
	if password != "" {
		c.Password.Value = keys.Secret(password)
	}
	env := &eap.Env{Config: c, Answers: &eap.Answers{}}
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	return m, env
}

func TestPassword(t *testing.T) {
	m, _ := start(t, "secret")
	r := m.Process(eap.Request{ID: 5, Data: []byte("Password: ")})
	if want := []byte("\x02\x05\x00\x0b\x06secret"); !bytes.Equal(r.Response, want) || r.State != eap.MethodStateMayCont || r.Decision != eap.DecisionCondSucc {
		t.Errorf("%+v", r)
	}
	if m.Keys() != nil {
		t.Error("keys")
	}
}

// TestToken asks for each code, and uses each once.
func TestToken(t *testing.T) {
	m, env := start(t, "")
	req := eap.Request{ID: 5, Data: []byte("Enter\tcode\x00\xff\n")}
	for _, code := range []string{"123456", "654321"} {
		r := m.Process(req)
		if r.Need == nil || r.Need.Field != eap.FieldOTP || r.Need.Text != "Enter code ?" {
			t.Fatalf("%+v %+v", r, r.Need)
		}
		env.Answers.Put(eap.FieldOTP, keys.Secret(code))
		if r = m.Process(req); !bytes.HasSuffix(r.Response, []byte(code)) {
			t.Fatalf("%+v", r)
		}
		req.ID++
	}
	// What was typed for the text comes before the password.
	m, env = start(t, "password")
	env.Answers.Put(eap.FieldOTP, keys.Secret("42"))
	if r := m.Process(req); !bytes.HasSuffix(r.Response, []byte("42")) {
		t.Errorf("%+v", r)
	}
}

func TestHashIsRefused(t *testing.T) {
	env := &eap.Env{Config: &eap.Config{Password: eap.Password{Value: make(keys.Secret, 16), Hash: true}}}
	if _, err := Kind().New(env); !errors.Is(err, eap.ErrConfig) {
		t.Error(err)
	}
}

func FuzzShown(f *testing.F) {
	f.Add([]byte("Enter code"))
	f.Add(bytes.Repeat([]byte("ä"), 300))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := shown(b)
		if n := len([]rune(s)); n > maxText || strings.ContainsAny(s, "\n\r\x00\x1b") || strings.ToValidUTF8(s, "") != s {
			t.Fatalf("%q becomes %q", b, s)
		}
	})
}
