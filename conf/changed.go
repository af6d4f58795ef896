package conf

import "strings"

// ChangedFlags tell the engine which of its parts must look at the globals again
// after a Set. Fields without a flag are read at their next use.
type ChangedFlags uint32

// The members of ChangedFlags.
const (
	ChangedCountry        ChangedFlags = 1 << iota // tell the driver the country
	ChangedBgscan                                  // restart background scanning
	ChangedExtPassword                             // reopen the external password store
	ChangedSchedScanPlans                          // parse the plans again
	ChangedWoWLAN                                  // tell the driver the wake triggers
	ChangedDisableBTM                              // capability in association requests
	ChangedFTPrependPMKID                          // the key machine
	ChangedRSNTimers                               // PMKSA lifetime and handshake limits
	ChangedWPS                                     // device information of WPS
	ChangedP2P                                     // settings of the P2P device
)

var changedNames = []bitName[ChangedFlags]{
	{ChangedCountry, "country"},
	{ChangedBgscan, "bgscan"},
	{ChangedExtPassword, "ext-password"},
	{ChangedSchedScanPlans, "sched-scan-plans"},
	{ChangedWoWLAN, "wowlan"},
	{ChangedDisableBTM, "disable-btm"},
	{ChangedFTPrependPMKID, "ft-prepend-pmkid"},
	{ChangedRSNTimers, "rsn-timers"},
	{ChangedWPS, "wps"},
	{ChangedP2P, "p2p"},
}

// String lists the flags, for logs.
func (c ChangedFlags) String() string { return strings.ReplaceAll(spell(c, changedNames), " ", ",") }
