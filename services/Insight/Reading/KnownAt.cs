using BeschutWerk.Backbone.Grpc;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Insight.Reading;

/// <summary>The instant up to which recorded facts count.</summary>
internal static class KnownAt
{
    /// <summary>Absent means everything: also what a producer with a clock ahead of ours recorded.</summary>
    public static DateTimeOffset Of(Timestamp? knownAt, FieldChecks checks)
    {
        if (knownAt is null) return DateTimeOffset.MaxValue;
        var isInstant = knownAt.Nanos is >= 0 and < 1_000_000_000 && knownAt.Seconds >= First && knownAt.Seconds <= Last;
        checks.Require(isInstant, "known_at", "Is no instant.");
        return isInstant ? knownAt.ToDateTimeOffset() : DateTimeOffset.MaxValue;
    }

    private static readonly long First = DateTimeOffset.MinValue.ToUnixTimeSeconds();

    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}
