package sim

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/loop/looptest"
)

func TestParsePlan(t *testing.T) {
	p, err := ParsePlan("x", []byte(`
# comment
country US
dwell active=20ms passive=120ms
loss 5%
delay 3ms
noise -90
radio r0 interfaces=wlan0,wlan1 addr=02:00:00:00:00:10 bands=5,2 rfkill=soft sensitivity=-80 scan-ssids=4 down # more
ap "a \"b\" \x00é" bssid=02:00:00:00:aa:01 channel=5 band=6 signal=-40 security=wpa3 phy=eht width=320 hidden=zeros jitter=2 drift=3/10s from=1s until=2m loss=0% interval=200 country=US wps=pbc load=7/8 mobility=a1b2
ap "n" bssid=02:00:00:00:aa:11 channel=36 signal=-40 colocated=02:00:00:00:aa:01
member "guest" of=02:00:00:00:aa:01 index=2 security=owe
owe "cafe" bssid=02:00:00:00:bb:01 twin=02:00:00:00:bb:02 channel=1 signal=-50
many count=3 ssid="m-%d" bssid=02:11:00:00:00:ff channels=1,40 signal=-60..-50 security=open,wpa2 phy=he
`))
	if err != nil {
		t.Fatal(err)
	}
	if p.Country != "US" || p.ActiveDwell != 20*time.Millisecond || p.PassiveDwell != 120*time.Millisecond ||
		p.Loss != 0.05 || p.Delay != 3*time.Millisecond || p.Noise != -90 {
		t.Errorf("globals: %+v", p)
	}
	r := p.Radios[0]
	if r.Name != "r0" || strings.Join(r.Interfaces, "+") != "wlan0+wlan1" || r.Addr != (dot11.MAC{2, 0, 0, 0, 0, 0x10}) ||
		len(r.Bands) != 2 || r.Bands[0] != dot11.Band2GHz || !r.SoftBlock || r.HardBlock || !r.Down || r.Sensitivity != -80 || r.ScanSSIDs != 4 {
		t.Errorf("radio: %+v", r)
	}
	if len(p.APs) != 7 {
		t.Fatalf("%d access points, want 7", len(p.APs))
	}
	a := p.APs[0]
	if string(a.SSID) != "a \"b\" \x00é" || a.Freq != 5975 || a.Signal != -40 || a.Security != simap.SecurityWPA3 || a.Phy != simap.PhyEHT ||
		a.Width != 320 || a.Hide != simap.HidingZeros || a.Jitter != 2 || a.Drift != (Drift{3, 10 * time.Second}) || a.From != time.Second ||
		a.Until != 2*time.Minute || a.Loss != 0 || a.Interval != 200 || a.Country != "US" || a.WPS != simap.WPSPBC ||
		*a.Load != (simap.Load{Stations: 7, Utilization: 8}) || string(a.Mobility) != "\xa1\xb2" {
		t.Errorf("first access point: %+v", a)
	}
	if len(a.Members) != 1 || a.Members[0].Index != 2 || a.Members[0].Security != simap.SecurityOWE {
		t.Errorf("members: %+v", a.Members)
	}
	if n := p.APs[1].Near; len(n) != 1 || n[0].Freq != 5975 || p.APs[1].Loss >= 0 {
		t.Errorf("second access point: %+v", p.APs[1])
	}
	open, owe := p.APs[2], p.APs[3]
	if open.Twin == nil || open.Twin.BSSID != owe.BSSID || string(owe.SSID) != "owe-cafe" || owe.Hide != simap.HidingEmpty ||
		owe.Security != simap.SecurityOWE || owe.Twin.BSSID != open.BSSID || string(owe.Twin.SSID) != "cafe" {
		t.Errorf("OWE pair: %+v %+v", open, owe)
	}
	m := p.APs[6]
	if string(m.SSID) != "m-2" || m.BSSID != (dot11.MAC{2, 0x11, 0, 0, 1, 1}) || m.Freq != 2412 || m.Signal != -52 || m.Phy != simap.PhyHE {
		t.Errorf("third of many: %+v", m)
	}
}

func TestParsePlanErrors(t *testing.T) {
	const ap = `ap "n" bssid=02:00:00:00:aa:01 channel=1 signal=-40 `
	for line, want := range map[string]string{
		"fly high":                         `unknown directive "fly"`,
		`"ap" x`:                           `unknown directive "ap"`,
		"ap=x":                             `unknown directive "ap=x"`,
		`ap "n`:                            "quote is not closed",
		`ap "n"x`:                          "text after a closing quote",
		"\xff":                             "not UTF-8",
		"country":                          "country: the country is missing",
		"country de":                       `country: "de": want two capital letters`,
		"country DE FR":                    `country: unknown word "FR"`,
		"dwell active=1h":                  "dwell: active=1h: want a time from 1ms to 10s",
		"loss 120%":                        `loss: "120%": want 0% to 100%`,
		"loss NaN":                         "want 0% to 100%",
		"delay x":                          "want a time",
		"noise 5":                          "want a number from -120 to -1",
		"radio":                            "radio: the name is missing",
		"radio r":                          "radio: interfaces= is missing",
		"radio r interfaces=a b=c":         `radio: unknown word "b=c"`,
		"radio r interfaces=a,a":           "already in use",
		"radio r interfaces=a/b":           "no interface name",
		"radio r interfaces=":              "no interface name",
		"radio r interfaces=a bands=7":     "want 2, 5 or 6",
		"radio r interfaces=a bands=2,2":   "band 2 twice",
		"radio r interfaces=a rfkill=1":    "want soft or hard",
		`ap bssid=02:00:00:00:aa:01`:       `ap: the "SSID" is missing`,
		`ap "n"`:                           "ap: bssid= is missing",
		`ap "n" bssid=x`:                   "ap: bssid=x:",
		`ap "n" bssid=ff:ff:ff:ff:ff:ff`:   "not an individual address",
		`ap "n" bssid=02:00:00:00:aa:01`:   "ap: channel= is missing",
		ap + "channel=2":                   `ap: unknown word "channel=2"`,
		ap + "security=wpa9":               "want one of open, wep,",
		ap + "phy=be":                      "want one of legacy,",
		ap + "band=6":                      "an AP on 6 GHz is HE or newer",
		ap + "width=80":                    "width 80 MHz, but at most 40 here",
		ap + "hidden=no":                   "want zeros",
		ap + "drift=5":                     "want DB/PERIOD",
		ap + "load=5":                      "want STATIONS/UTILIZATION",
		ap + "mobility=1":                  "want four hexadecimal digits",
		ap + "colocated=02:00:00:00:aa:1f": "no such access point above",
		ap + "extra":                       `unknown word "extra"`,
		`ap "" bssid=02:00:00:00:aa:01 channel=1 signal=-4`:                                         "SSID of 0 bytes",
		`ap "n" bssid=02:00:00:00:aa:01 channel=15 signal=-4`:                                       "channel 15 does not exist",
		`member "m" of=02:00:00:00:aa:01 index=1`:                                                   "no such access point above",
		`member "m" of=02:00:00:00:aa:01 index=9`:                                                   "want a number from 1 to 7",
		`owe "c" bssid=02:00:00:00:aa:01 twin=02:00:00:00:aa:01 channel=1 signal=-40`:               "in use already",
		`owe "c" bssid=02:00:00:00:aa:01 twin=02:00:00:00:aa:02 channel=1 signal=-40 security=wpa2`: "given by its kind",
		"many":                         "many: count= is missing",
		"many count=20001":             "want a number from 1 to 20000",
		"many count=2 channels=1,x":    `"x": want a number`,
		"many count=2 signal=-200..-5": "want a number from -120 to 0",
		`many count=2 ssid="` + strings.Repeat("a", 33) + `"`: "number 0: simap: SSID of 33 bytes",
	} {
		_, err := ParsePlan("f.air", []byte("country DE\n"+line+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "sim: f.air:2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want sim: f.air:2: … %s", line, err, want)
		}
	}
	if _, err := ParsePlan("f", make([]byte, MaxFileSize+1)); err == nil {
		t.Error("a file beyond the limit is read")
	}
	if _, err := ParsePlan("f", []byte("many count=20000\n"+ap)); err == nil {
		t.Error("more access points than the limit")
	}
}

// FuzzParsePlan: whatever the text, no panic, and what is accepted can be set up.
func FuzzParsePlan(f *testing.F) {
	f.Add(defaultAir)
	f.Add([]byte("many count=3 ssid=\"x%d\" channels=1,36\n"))
	f.Add([]byte("radio r interfaces=a,b bands=6\nap \"\\x00\" bssid=02:00:00:00:00:01 channel=5 band=6 phy=he signal=-9 hidden\nmember \"m\" of=02:00:00:00:00:01 index=7\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Count(string(text), "many") > 2 {
			return // minutes of useless work
		}
		p, err := ParsePlan("fuzz", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "sim: fuzz") {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		d, err := New(idleLoop{}, zeros{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Load(p); err != nil {
			t.Errorf("accepted, but does not load: %v", err)
		}
	})
}

// idleLoop never runs anything.
type idleLoop struct{}

func (idleLoop) Now() time.Time                                  { return looptest.Start }
func (idleLoop) Post(func()) bool                                { return true }
func (idleLoop) After(time.Duration, string, func()) *loop.Timer { return nil }
