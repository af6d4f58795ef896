//go:build wired

package eapol_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"gosupplicant/engine/eap"
)

// TestWiredOCSP has hostapd staple responses made here.
func TestWiredOCSP(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		phase1 string
		accept bool
	}{{"good", ocsp.Good, "", true}, {"revoked", ocsp.Revoked, "", false}, {"good in TLS 1.3", ocsp.Good, "tls_disable_tlsv1_3=0", true}, {"revoked in TLS 1.3", ocsp.Revoked, "tls_disable_tlsv1_3=0", false}} {
		t.Run(c.name, func(t *testing.T) {
			staple := filepath.Join(t.TempDir(), "ocsp.der")
			w := build(t, tls13+"ocsp_stapling_response="+staple+"\n", nil)
			der, err := ocsp.CreateResponse(w.ca.cert, w.ca.cert, ocsp.Response{Status: c.status, SerialNumber: w.server.SerialNumber,
				ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(time.Hour), RevokedAt: time.Now().Add(-time.Hour)}, w.ca.key)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(staple, der, 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := w.ttlsConfig("ttlsuser", "auth=PAP")
			cfg.Phase1, cfg.Certs.OCSP = c.phase1, 2
			if c.accept {
				w.succeeds(station(cfg, nil), nil)
				return
			}
			o := w.fails(station(cfg, nil), "ocsp")
			if e, _ := of[eap.CertError](o); e.Reason != eap.CertReasonRevoked || o.failure.Reason.Alert != "certificate revoked" {
				t.Errorf("%+v, %+v", e, o.failure.Reason)
			}
		})
	}
}
