# A client of the bus, driven by lines of JSON: one request a line on standard
# input, one answer a line on standard output. Request: path, iface, member,
# sig, args (a Python expression giving a tuple). Answer: reply or error.
import json
import sys

import dbus
import dbus.lowlevel
from dbus import (Array, Boolean, Byte, ByteArray, Dictionary, Double, Int16, Int32, Int64,
                  ObjectPath, Signature, String, Struct, UInt16, UInt32, UInt64)

SCALARS = [
    (Boolean, "b", lambda v: "true" if v else "false"), (Byte, "y", int), (Int16, "n", int), (UInt16, "q", int),
    (Int32, "i", int), (UInt32, "u", int), (Int64, "x", int), (UInt64, "t", int), (Double, "d", repr),
]


def quote(text):
    return json.dumps(str(text), ensure_ascii=True)


def show(v):
    """Text of a value: type letter and value, dictionaries sorted by key."""
    level = getattr(v, "variant_level", 0)
    return "<" * level + bare(v) + ">" * level


def bare(v):
    for kind, letter, text in SCALARS:
        if isinstance(v, kind):
            return "%s %s" % (letter, text(v))
    if isinstance(v, ObjectPath):
        return "o " + quote(v)
    if isinstance(v, Signature):
        return "g " + quote(v)
    if isinstance(v, str):
        return quote(v)
    if isinstance(v, ByteArray):
        return "ay " + bytes(v).hex()
    if isinstance(v, Array):
        if str(v.signature) == "y":
            return "ay " + bytes(int(b) for b in v).hex()
        return "a%s [%s]" % (v.signature, ", ".join(show(e) for e in v))
    if isinstance(v, Dictionary):
        rows = sorted("%s: %s" % (show(k), show(e)) for k, e in v.items())
        return "{%s}" % ", ".join(rows)
    if isinstance(v, (Struct, tuple)):
        return "(%s)" % ", ".join(show(e) for e in v)
    return repr(v)


def plain(v):
    """The value as JSON, types dropped, byte strings as hexadecimal text."""
    if isinstance(v, Boolean):
        return bool(v)
    if isinstance(v, (str, bool, type(None))):
        return str(v)
    if isinstance(v, int):
        return int(v)
    if isinstance(v, float):
        return float(v)
    if isinstance(v, ByteArray):
        return bytes(v).hex()
    if isinstance(v, Array):
        if str(v.signature) == "y":
            return bytes(int(b) for b in v).hex()
        return [plain(e) for e in v]
    if isinstance(v, Dictionary):
        return {str(plain(k)): plain(e) for k, e in v.items()}
    return [plain(e) for e in v]


def call(bus, request):
    message = dbus.lowlevel.MethodCallMessage(
        request.get("dest") or "fi.w1.wpa_supplicant1", request["path"], request.get("iface") or None, request["member"])
    args = eval(request.get("args") or "()")  # the script is ours
    if request.get("sig") or args:
        message.append(*args, signature=request.get("sig") or None)
    try:
        reply = bus.send_message_with_reply_and_block(message, 25.0)
    except dbus.DBusException as e:
        return {"error": e.get_dbus_name() or "", "message": [str(a) for a in e.args]}
    values = reply.get_args_list()
    return {"sig": str(reply.get_signature()), "reply": " ".join(show(v) for v in values),
            "plain": [plain(v) for v in values]}


def main():
    bus = dbus.SystemBus(private=True)
    bus.set_exit_on_disconnect(False)
    print(json.dumps({"name": bus.get_unique_name()}), flush=True)
    for line in sys.stdin:
        try:
            answer = call(bus, json.loads(line))
        except Exception as e:  # the request itself was bad: the test must see it
            answer = {"broken": "%s: %s" % (type(e).__name__, e)}
        print(json.dumps(answer), flush=True)


main()
