package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// Commands and attributes of the kernel's MAC80211_HWSIM family.
const (
	hwsimNewRadio      = 4
	hwsimDelRadio      = 5
	hwsimAttrRadioName = 17
)

// AddRadio makes a simulated radio whose phy has that name, and returns the
// name of its interface.
func AddRadio(t T, phy string) string {
	t.Helper()
	if err := hwsim(hwsimNewRadio, func(e *netlink.AttributeEncoder) { e.String(hwsimAttrRadioName, phy) }); err != nil {
		t.Fatalf("lab: add radio %s: %v", phy, err)
	}
	dir := filepath.Join("/sys/class/ieee80211", phy, "device/net")
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Fatalf("lab: radio %s has %d interfaces: %v", phy, len(names), err)
	}
	return names[0].Name()
}

// RemoveRadio takes a radio out, as when a USB adapter is pulled.
func RemoveRadio(t T, phy string) {
	t.Helper()
	if err := hwsim(hwsimDelRadio, func(e *netlink.AttributeEncoder) { e.String(hwsimAttrRadioName, phy) }); err != nil {
		t.Fatalf("lab: remove radio %s: %v", phy, err)
	}
}

func hwsim(command uint8, attributes func(*netlink.AttributeEncoder)) error {
	c, err := genetlink.Dial(nil)
	if err != nil {
		return err
	}
	defer c.Close()
	family, err := c.GetFamily("MAC80211_HWSIM")
	if err != nil {
		return fmt.Errorf("mac80211_hwsim: %w", err)
	}
	e := netlink.NewAttributeEncoder()
	attributes(e)
	data, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = c.Execute(genetlink.Message{Header: genetlink.Header{Command: command, Version: 1}, Data: data},
		family.ID, netlink.Request|netlink.Acknowledge)
	// The acknowledgement of a new radio carries its number where others have
	// a negated error code.
	var number syscall.Errno
	if command == hwsimNewRadio && errors.As(err, &number) && int(number) < 0 {
		return nil
	}
	return err
}

// Groups of radios that hear each other.
const (
	GroupOfAll = 1
	GroupAlone = 2
)

// SetGroup puts a radio into a group: it hears those of the same group alone.
func SetGroup(t T, phy string, group int) {
	t.Helper()
	const debug = "/sys/kernel/debug"
	file := filepath.Join(debug, "ieee80211", phy, "hwsim/group")
	if _, err := os.Stat(file); err != nil {
		Run(t, nil, "mount", "-t", "debugfs", "debug", debug)
	}
	if err := os.WriteFile(file, []byte(strconv.Itoa(group)), 0); err != nil {
		t.Fatalf("lab: group of %s: %v", phy, err)
	}
}

// Phy is the name of the radio behind an interface.
func Phy(t T, ifname string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/sys/class/net", ifname, "phy80211/name"))
	if err != nil {
		t.Fatalf("lab: %v", err)
	}
	return strings.TrimSpace(string(b))
}

// RFKill blocks or unblocks the radio behind an interface, as the switch of a
// desktop does (soft block).
func RFKill(t T, ifname string, block bool) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("/sys/class/net", ifname, "phy80211/rfkill*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("lab: %s has %d rfkill switches: %v", ifname, len(found), err)
	}
	verb := "unblock"
	if block {
		verb = "block"
	}
	Run(t, nil, "rfkill", verb, strings.TrimPrefix(filepath.Base(found[0]), "rfkill"))
}
