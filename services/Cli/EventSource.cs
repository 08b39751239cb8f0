using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli;

/// <summary>Which store raised an event: its <c>source</c> ends with <c>beschutwerk-&lt;service&gt;:&lt;GM code or platform&gt;:&lt;epoch&gt;</c>.</summary>
internal static class EventSource
{
    private const string System = "beschutwerk-";

    /// <summary>The store, such as <c>uwv/GM0363</c>; what it says, when it is written otherwise.</summary>
    public static string StoreOf(CloudEvent raised) =>
        raised.Source.Split(':') is [.., var system, var origin, _] && system.StartsWith(System, StringComparison.Ordinal) ? $"{system[System.Length..]}/{origin}" : raised.Source;

    /// <summary>Whether it is an own event of that store.</summary>
    /// <param name="municipality">GM code; empty for the platform's store.</param>
    public static bool IsOf(CloudEvent raised, string service, string municipality) => StoreOf(raised) == $"{service}/{Inputs.NameOf(municipality)}";
}
