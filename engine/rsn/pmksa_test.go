package rsn

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func entry(n byte, akm dot11.AKM) PMKSA {
	return PMKSA{AA: dot11.MAC{2, 0, 0, 0, 1, n}, SPA: testSPA, PMKID: keys.PMKID(fill(fmt.Sprint("id", n), 16)), PMK: fill(fmt.Sprint("pmk", n), 32), AKM: akm, Network: 3}
}

func TestCache(t *testing.T) {
	c := NewCache()
	if _, ok := c.Next(); ok || c.Len() != 0 {
		t.Error("not empty")
	}
	ch := c.Add(epoch, entry(1, dot11.AKMSAE), nil)
	if len(ch) != 1 || !ch[0].Added {
		t.Fatalf("%+v", ch)
	}
	if next, _ := c.Next(); next != epoch.Add(12*time.Hour) {
		t.Error(next)
	}
	// The same again only gets its time renewed.
	if ch = c.Add(epoch.Add(time.Hour), entry(1, dot11.AKMSAE), nil); ch != nil || c.Len() != 1 {
		t.Errorf("%+v", ch)
	}
	if next, _ := c.Next(); next != epoch.Add(13*time.Hour) {
		t.Error(next)
	}
	// Another key of the same access point replaces it.
	e := entry(1, dot11.AKMSAE)
	e.PMK, e.PMKID = fill("new", 32), keys.PMKID(fill("newid", 16))
	ch = c.Add(epoch, e, nil)
	if len(ch) != 2 || ch[0].Added || ch[0].Entry.PMK != nil || !ch[1].Added || c.Len() != 1 {
		t.Errorf("%+v", ch)
	}
	// Another AKM or network is another entry.
	c.Add(epoch, entry(1, dot11.AKMOWE), nil)
	e.Network = 4
	c.Add(epoch, e, nil)
	if c.Len() != 3 {
		t.Error(c.Len())
	}
	for name, q := range map[string]Query{
		"AKM": {AA: e.AA, AKM: dot11.AKMOWE}, "network": {Network: 4, OnlyNetwork: true}, "PMKID": {PMKID: &e.PMKID}, "all": {}, "SPA": {SPA: testSPA},
	} {
		if c.Find(epoch, q) == nil {
			t.Errorf("%s: not found", name)
		}
		if c.Find(epoch.Add(12*time.Hour), q) != nil {
			t.Errorf("%s: found though expired", name)
		}
	}
	for name, q := range map[string]Query{
		"AKM": {AKM: dot11.AKMEAP}, "network": {Network: 9, OnlyNetwork: true}, "PMKID": {PMKID: &keys.PMKID{}}, "AA": {AA: testAA}, "SPA": {SPA: testAA},
	} {
		if c.Find(epoch, q) != nil {
			t.Errorf("%s: found", name)
		}
	}
	if ch = c.FlushNetwork(4); len(ch) != 1 || ch[0].Added || c.Len() != 2 {
		t.Errorf("%+v", ch)
	}
	if ch = c.Remove(e.AA, e.PMKID); len(ch) != 1 {
		t.Errorf("%+v", ch)
	}
	if ch = c.Expire(epoch.Add(12*time.Hour - 1)); ch != nil {
		t.Errorf("%+v", ch)
	}
	if ch = c.Expire(epoch.Add(12 * time.Hour)); len(ch) != 1 || c.Len() != 0 {
		t.Errorf("%+v", ch)
	}
}

func TestCacheLimit(t *testing.T) {
	c := NewCache()
	for i := range byte(MaxPMKSAs) {
		c.Add(epoch.Add(time.Duration(i)*time.Second), entry(i, dot11.AKMEAP), nil)
	}
	current := entry(0, dot11.AKMEAP).PMKID // the oldest is in use
	ch := c.Add(epoch.Add(time.Hour), entry(200, dot11.AKMEAP), &current)
	if len(ch) != 2 || ch[0].Entry.PMKID != entry(1, dot11.AKMEAP).PMKID || c.Len() != MaxPMKSAs {
		t.Errorf("%+v", ch)
	}
	ch = c.Add(epoch.Add(time.Hour), entry(201, dot11.AKMEAP), nil)
	if len(ch) != 2 || ch[0].Entry.PMKID != current {
		t.Errorf("%+v", ch)
	}
	if ch = c.Flush(); len(ch) != MaxPMKSAs || c.Len() != 0 {
		t.Error(len(ch))
	}
}

func TestCacheLifetime(t *testing.T) {
	c := NewCache()
	for _, bad := range []struct {
		d time.Duration
		p int
	}{{0, 70}, {time.Hour, 0}, {time.Hour, 101}} {
		if c.SetLifetime(bad.d, bad.p) == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
	if err := c.SetLifetime(1000*time.Second, 50); err != nil {
		t.Fatal(err)
	}
	c.Add(epoch, entry(1, dot11.AKMEAP), nil)
	aa := entry(1, dot11.AKMEAP).AA
	if c.NeedsReauth(epoch.Add(499*time.Second), aa) != nil || c.NeedsReauth(epoch.Add(500*time.Second), aa) == nil || c.NeedsReauth(epoch.Add(1000*time.Second), aa) != nil || c.NeedsReauth(epoch.Add(500*time.Second), testAA) != nil {
		t.Error("reauthentication threshold")
	}
	if d, p := c.Lifetime(); d != 1000*time.Second || p != 50 {
		t.Error(d, p)
	}
}

func TestOpportunistic(t *testing.T) {
	c := NewCache()
	c.Add(epoch, entry(1, dot11.AKMEAPSHA256), nil)
	c.Add(epoch, entry(2, dot11.AKMSAE), nil)
	aa := dot11.MAC{2, 0, 0, 0, 1, 77}
	e := c.Opportunistic(epoch, 3, dot11.AKMEAPSHA256, aa, testSPA)
	if e == nil || e.AA != aa || !e.Opportunistic || e.PMKID != keys.NewPMKID(keys.HashSHA256, fill("pmk1", 32), aa, testSPA) {
		t.Fatalf("%+v", e)
	}
	if c.Len() != 2 {
		t.Error("it is in the cache already")
	}
	for name, got := range map[string]*PMKSA{
		"SAE": c.Opportunistic(epoch, 3, dot11.AKMSAE, aa, testSPA), "network": c.Opportunistic(epoch, 4, dot11.AKMEAPSHA256, aa, testSPA),
		"AKM": c.Opportunistic(epoch, 3, dot11.AKMEAP, aa, testSPA), "SPA": c.Opportunistic(epoch, 3, dot11.AKMEAPSHA256, aa, testAA),
		"old": c.Opportunistic(epoch.Add(13*time.Hour), 3, dot11.AKMEAPSHA256, aa, testSPA),
	} {
		if got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	half := epoch.Add(DefaultPMKLifetime * DefaultPMKReauth / 100)
	if c.Opportunistic(half.Add(-1), 3, dot11.AKMEAPSHA256, aa, testSPA) == nil || c.Opportunistic(half, 3, dot11.AKMEAPSHA256, aa, testSPA) != nil {
		t.Error("a key that asks for reauthentication goes on to other access points")
	}
}

func TestNewPMKSA(t *testing.T) {
	msk := fill("msk", 64)
	for akm, n := range map[dot11.AKM]int{dot11.AKMEAP: 32, dot11.AKMEAPSHA256: 32, dot11.AKMEAPSHA384: 48} {
		e, err := NewPMKSA(akm, msk, testAA, testSPA)
		if err != nil || !e.PMK.Equal(msk[:n]) || e.PMKID != keys.NewPMKID(pmkidHash(akm), msk[:n], testAA, testSPA) || e.AA != testAA || e.SPA != testSPA || e.AKM != akm {
			t.Errorf("%v: %+v, %v", akm, e, err)
		}
		if e.PMK.Zero(); msk[0] == 0 {
			t.Error("the entry shares the MSK's memory")
		}
		if _, err := NewPMKSA(akm, msk[:n-1], testAA, testSPA); err == nil {
			t.Errorf("%v: a short MSK was taken", akm)
		}
	}
	for _, akm := range []dot11.AKM{dot11.AKMPSK, dot11.AKMSAE, dot11.AKMSuiteB192, dot11.AKMFTEAP, dot11.AKMFILSSHA256} {
		if _, err := NewPMKSA(akm, msk, testAA, testSPA); err == nil || FromMSKAlone(akm) {
			t.Errorf("%v: has a PMKSA of the MSK alone", akm)
		}
	}
}

// TestRefusedOpportunistic: an access point that shares no keys is asked once.
func TestRefusedOpportunistic(t *testing.T) {
	c := NewCache()
	c.Add(epoch, entry(1, dot11.AKMEAP), nil)
	aa := func(n byte) dot11.MAC { return dot11.MAC{2, 0, 0, 0, 2, n} }
	shares := func(n byte) bool { return c.Opportunistic(epoch, 3, dot11.AKMEAP, aa(n), testSPA) != nil }
	c.Refused(aa(1))
	c.Refused(aa(1))
	if shares(1) || !shares(2) {
		t.Error("it is asked again, or another one is not")
	}
	own := entry(7, dot11.AKMEAP)
	own.AA = aa(1)
	c.Add(epoch, own, nil)
	if !shares(1) {
		t.Error("a key of its own does not end the refusal")
	}
	for n := range byte(maxLoners + 1) {
		c.Refused(aa(n))
	}
	if !shares(0) || shares(1) || shares(maxLoners) || len(c.loners) != maxLoners {
		t.Errorf("%d refusals are remembered", len(c.loners))
	}
	c.Flush()
	c.Add(epoch, entry(1, dot11.AKMEAP), nil)
	if !shares(1) {
		t.Error("a flush keeps the refusals")
	}
}

// The line is that of PMKSA_GET and PMKSA_ADD in the command table.
func TestExportImport(t *testing.T) {
	c := NewCache()
	e := entry(1, dot11.AKMSAE)
	e.FILSCacheID = &[2]byte{0xab, 0xcd}
	c.Add(epoch, e, nil)
	got := c.Entries()[0]
	line := got.Export(epoch.Add(10 * time.Second))
	want := fmt.Sprintf("02:00:00:00:01:01 %x %x 30230 43190 1024 0 abcd", e.PMKID, []byte(e.PMK))
	if line != want {
		t.Errorf("%s\nwant %s", line, want)
	}
	back, err := ImportPMKSA(epoch.Add(10*time.Second), line)
	if err != nil || back.AA != e.AA || back.PMKID != e.PMKID || !back.PMK.Equal(e.PMK) || back.AKM != e.AKM || !back.Expires.Equal(got.Expires) || !back.Reauth.Equal(got.Reauth) || *back.FILSCacheID != *e.FILSCacheID {
		t.Errorf("%+v, %v", back, err)
	}
	if strings.Contains(fmt.Sprintf("%+v", got), fmt.Sprintf("%x", []byte(e.PMK))) {
		t.Error("PMK prints")
	}
	f := strings.Fields(want)
	for i, bad := range []string{"02:00", "00", "0011", "-1", "x", "3", "y", "abc"} {
		g := append([]string(nil), f...)
		g[i] = bad
		if _, err := ImportPMKSA(epoch, strings.Join(g, " ")); err == nil {
			t.Errorf("field %d = %q accepted", i, bad)
		}
	}
	for n := range 7 {
		if _, err := ImportPMKSA(epoch, strings.Join(f[:n], " ")); err == nil {
			t.Errorf("%d fields accepted", n)
		}
	}
}

func FuzzImportPMKSA(f *testing.F) {
	f.Add("02:00:00:00:01:01 00112233445566778899aabbccddeeff " + strings.Repeat("ab", 32) + " 1 2 1024 0")
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ImportPMKSA(epoch, line)
		if err != nil {
			return
		}
		again, err := ImportPMKSA(epoch, e.Export(epoch))
		if err != nil || !again.PMK.Equal(e.PMK) || again.AKM != e.AKM || !again.Expires.Equal(e.Expires) {
			t.Errorf("%+v became %+v, %v", e, again, err)
		}
	})
}
