package tlsmethod

import (
	"crypto/tls"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/eaptest/tunnel"
)

// BenchmarkBothSides is a whole conversation, the server's half included.
func BenchmarkBothSides(b *testing.B) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, resume := range []bool{false, true} {
			name := tls.VersionName(v)
			if resume {
				name += " resumed"
			}
			b.Run(name, func(b *testing.B) {
				w := newWorld()
				w.server.MaxVersion = v
				w.cfg.FastReauth = resume
				env := eaptest.Env(w.cfg, now, nil)
				for b.Loop() {
					m, err := Kind().New(env)
					if err != nil {
						b.Fatal(err)
					}
					s := tlsServer(w.server, 1400, []byte{0})
					if r := tunnel.Run(m, s, nil); !r.Accepted() {
						b.Fatalf("%+v", r)
					}
					m.(eap.Ender).End(true)
					m.Close()
					s.Close()
				}
			})
		}
	}
}
