// Package sim is a radio medium inside the process: stations (sim0, sim1, …)
// and access points (package simap) on simulated channels, under the clock of
// the engine's loop. It is the driver "sim": no kernel, no sockets, no
// privileges. The demonstration, the scenario tests in virtual time and the
// load tests run on it.
//
// # What is simulated
//
// Radios with their bands, regulatory domains, rfkill and interfaces; the time
// a scan takes channel by channel (dwell times, passive channels, 6 GHz
// preferred scanning channels and co-located APs); beacons at their target
// times and probe responses, each of which may be lost or late; signal with
// jitter and slow drift; a BSS table per radio as cfg80211 keeps one, with
// ageing after 30 s. The same seed and the same calls at the same times give
// the same results.
//
// Stations authenticate and associate with the frames that mac80211 would
// send, retries and all, and lose an access point that falls silent. Access
// points carry out open networks, pre-shared keys (AKM PSK and PSK-SHA256 with
// a passphrase, under an RSNE or WPA element), SAE and SAE-EXT-KEY (H2E and loop, PMKSA caching),
// OWE (groups 19 to 21) and 802.1X (AKM EAP, EAP-SHA256 and Suite B 192, with EAP-PSK and
// PMKSA caching), each with 4-way and group handshake, rekeying and,
// where it is offered, IGTK. Management frames are protected where PMF was agreed
// on: what comes in the clear is reported, not obeyed, and SA Query is answered.
// FT is announced, but the association is refused (status 43).
//
// A radio that is full-mac does what firmware does: it is told to connect, and asks for
// the frames of SAE only.
//
// Data frames have no content (Air.Data); Air.Secure compares the keys of both
// ends. Frames can be judged, lost, doubled, delayed and changed (Air.OnFrame),
// and forged (Air.Inject, Air.Forge).
//
// # Threads
//
// Interface methods may be called from any goroutine; frames move and events
// are delivered on the loop only. Air's methods for tests (Block, SetUp,
// RemoveInterface, …) may be called from any goroutine too.
//
// # Air files
//
// The driver parameter air=FILE (-p) names a text file that describes the air;
// without it there is a default air with a dozen varied networks. One
// directive a line; words are separated by blanks; # starts a comment; names
// stand in double quotes, with the escapes of P"…" in configuration files.
//
//	country CC                  country of regulation, 00 = world (default DE)
//	dwell active=30ms passive=110ms
//	loss 5%                     chance of each frame to be lost
//	delay 2ms                   between a probe request and its answer
//	noise -95                   noise floor in dBm
//	radio NAME interfaces=sim0,sim1 [addr=MAC] [bands=2,5,6] [rfkill=soft|hard]
//	      [sensitivity=-92] [scan-ssids=16] [down] [full-mac] [scan-in-place]
//	ap "SSID" bssid=MAC channel=N [band=2|5|6] signal=DBM [options]
//	member "SSID" of=BSSID index=N [security=KIND]
//	      a nontransmitted BSS in the multiple BSSID set of the AP above
//	owe "SSID" bssid=MAC twin=MAC channel=N [options]
//	      an OWE transition pair: open SSID, and its hidden OWE half at twin
//	many count=N [ssid="net-%d"] [bssid=MAC] [channels=1,6,11,36] [signal=-90..-40]
//	      [security=KIND,KIND] [phy=KIND] [passphrase="…"]
//
// Channels without band= are 2.4 GHz up to 14, else 5 GHz. Options of ap:
//
//	security=open|wep|wpa|wpa-wpa2|wpa2|wpa2-pmf|wpa2-wpa3|wpa3|wpa3-ext|owe|
//	         wpa-eap|wpa2-eap|wpa3-eap|wpa3-eap-192       (default open)
//	phy=legacy|ht|vht|he|eht    width=20|40|80|160|320    (default ht, 20)
//	passphrase="8 to 63 bytes"  lets stations associate (PSK, SAE); with the -eap
//	                            kinds 16 bytes, the key of EAP-PSK for any identity
//	hidden | hidden=zeros       no SSID in beacons
//	jitter=DB                   random part of the signal, per frame
//	drift=DB/PERIOD             slow swing, e.g. 10/60s
//	from=TIME until=TIME        on the air only then, counted from the start
//	loss=P%                     instead of the air's
//	interval=TU                 beacon interval
//	country=CC                  Country element
//	wps=configured|unconfigured|pbc|pin
//	load=STATIONS/UTILIZATION   BSS Load element, 0-65535/0-255
//	mobility=HEX4               mobility domain (FT)
//	colocated=BSSID             reports that AP, above in the file, as its neighbour
package sim
