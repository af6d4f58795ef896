package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"gosupplicant/cmd/wpa_supplicant/stage"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine/dot11"
)

// network is one line of the table.
type network struct {
	ssid, bssid, security string
	channel               int
	freq                  uint16
	signal                int16
}

func printTable(c *stage.Client, path bus.ObjectPath) error {
	out, err := c.Method(path, stage.Properties, "Get", stage.Interface, "BSSs")
	if err != nil {
		return err
	}
	paths, _ := out[0].(bus.Variant).Value.([]bus.ObjectPath)
	var list []network
	for _, p := range paths {
		out, err := c.Method(p, stage.Properties, "GetAll", stage.Service+".BSS")
		if err != nil {
			return err
		}
		list = append(list, describe(out[0].(bus.Dict)))
	}
	slices.SortStableFunc(list, func(a, b network) int { return int(b.signal) - int(a.signal) })
	t := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "\nSSID\tBSSID\tCHANNEL\tSIGNAL\tSECURITY")
	for _, n := range list {
		fmt.Fprintf(t, "%s\t%s\t%d (%d MHz)\t%d dBm\t%s\n", n.ssid, n.bssid, n.channel, n.freq, n.signal, n.security)
	}
	return t.Flush()
}

func describe(d bus.Dict) network {
	get := func(name string) any { v, _ := d.Get(name); return v.Value }
	var n network
	ssid, _ := get("SSID").([]byte)
	n.ssid = readable(ssid)
	bssid, _ := get("BSSID").([]byte)
	if mac, err := dot11.MACFromBytes(bssid); err == nil {
		n.bssid = mac.String()
	}
	n.freq, _ = get("Frequency").(uint16)
	_, n.channel = dot11.Channel(int(n.freq))
	n.signal, _ = get("Signal").(int16)
	n.security = security(get("RSN"), get("WPA"), get("Privacy"))
	return n
}

// readable shows a name as text where it is text.
func readable(ssid []byte) string {
	if strings.Trim(string(ssid), "\x00") == "" {
		return "(hidden)"
	}
	if utf8.Valid(ssid) && !strings.ContainsFunc(string(ssid), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return string(ssid)
	}
	return dot11.SSID(ssid).String()
}

func security(rsn, wpa, privacy any) string {
	var words []string
	for _, e := range []struct {
		label string
		value any
	}{{"RSN", rsn}, {"WPA", wpa}} {
		d, _ := e.value.(bus.Dict)
		v, _ := d.Get("KeyMgmt")
		if akms, _ := v.Value.([]string); len(akms) > 0 {
			words = append(words, e.label+" "+strings.Join(akms, "+"))
		}
	}
	switch {
	case len(words) > 0:
		return strings.Join(words, ", ")
	case privacy == true:
		return "WEP"
	}
	return "open"
}
