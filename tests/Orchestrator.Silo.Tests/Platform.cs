using System.Runtime.Versioning;

// File modes and Unix sockets are looked at.
[assembly: UnsupportedOSPlatform("windows")]
