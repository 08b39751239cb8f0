using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Insight.Reading;

/// <summary>The instant up to which recorded facts count.</summary>
internal static class KnownAt
{
    /// <summary>Absent means everything: also what a producer with a clock ahead of ours recorded.</summary>
    public static DateTimeOffset Of(Timestamp? knownAt) => knownAt?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue;
}
