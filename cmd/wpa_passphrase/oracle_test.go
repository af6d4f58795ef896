//go:build oracle

package main

import (
	"bytes"
	"errors"
	"math/rand"
	"os/exec"
	"strings"
	"testing"
)

// TestAgainstDebian compares every byte and the exit status with Debian's
// wpa_passphrase. Left out are a standard input of more than 63 characters,
// which that program cuts silently, and line breaks in the SSID, which it
// writes into the file.
func TestAgainstDebian(t *testing.T) {
	const program = "/usr/bin/wpa_passphrase"
	if _, err := exec.LookPath(program); err != nil {
		t.Fatalf("%v (make deps installs it)", err)
	}
	type input struct {
		args  []string
		stdin string
	}
	inputs := []input{
		{nil, ""}, {[]string{"x"}, ""}, {[]string{"x"}, "\n"}, {[]string{"x"}, "short\n"},
		{[]string{"x"}, "12345678\n"}, {[]string{"x"}, "12345678"}, {[]string{"x"}, "12345678\rx\n"},
		{[]string{"x"}, "1234\t5678\n"}, {[]string{"x"}, "1234\x005678\n"}, {[]string{"", "12345678"}, ""},
		{[]string{strings.Repeat("s", 33), "12345678"}, ""}, {[]string{"x", "12345678", "more"}, ""},
		{[]string{`a"b`, `a"b"c"d"e`}, ""}, {[]string{"-h"}, ""}, {[]string{"x", ""}, ""},
	}
	rnd := rand.New(rand.NewSource(1))
	random := func(n int, low, high int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(low + rnd.Intn(high-low))
		}
		return string(b)
	}
	for range 60 {
		inputs = append(inputs,
			input{[]string{random(1+rnd.Intn(32), 32, 256), random(6+rnd.Intn(59), 32, 127)}, ""},
			input{[]string{random(1+rnd.Intn(32), 32, 127), random(8+rnd.Intn(10), 1, 256)}, ""},
			input{[]string{"net"}, random(6+rnd.Intn(57), 32, 127) + "\n"})
	}
	for _, in := range inputs {
		cmd := exec.Command(program, in.args...)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in.stdin), &out, &errs
		want := 0
		if err := cmd.Run(); err != nil {
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatal(err)
			}
			want = exit.ExitCode()
		}
		var ourOut, ourErr bytes.Buffer
		rc := run(in.args, strings.NewReader(in.stdin), &ourOut, &ourErr)
		if rc != want || ourOut.String() != out.String() || ourErr.String() != errs.String() {
			t.Errorf("%q < %q:\nours %d %q %q\nDebian %d %q %q", in.args, in.stdin, rc, ourOut.String(), ourErr.String(), want, out.String(), errs.String())
		}
	}
}
