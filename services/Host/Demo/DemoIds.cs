using BeschutWerk.Backbone.Store;

namespace BeschutWerk.Host.Demo;

/// <summary>
/// Every id that the demo chooses is derived from what it is for: run again on the same data, each call is the same call and
/// gets the answer that it got before.
/// </summary>
internal static class DemoIds
{
    private static readonly Guid Origin = new("6f0d2f0c-7a51-5d3e-9a55-2981700145de");

    /// <summary>The id of one act, such as <c>register GM0363</c>; a UUID of 36 characters.</summary>
    public static string Of(string what) => Ids.Derive(Origin, what).Text();
}
