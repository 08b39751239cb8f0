using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Sector.Work;

namespace BeschutWerk.SwCompanies.Placements;

/// <summary>What may become of a placement: everything so far and the call in, a new version or a named refusal out.</summary>
public static partial class PlacementRules
{
    /// <summary>Hours or last day from a day on. It may lie before what was told earlier: each holds from its own day.</summary>
    public static Ruling<PlacementVersion> Amend(PlacementHistory history, ContractType contractType, AmendPlacementRequest request)
    {
        if (RestsOnAnother(history, request.ExpectedVersion) is { } changed) return changed;

        var record = history.Record;
        var (from, lastDay) = (request.FromOn.ToDateOnly(), request.LastDay.ToDateOnlyOrNull());
        if (record.NeverWas) return Refusal.Of(ErrorReason.StateForbids, "There never was such a placement; correct that first.");
        if (record.End is not null && lastDay is not null) return HasEnded();
        if (from < record.StartOn) return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The change lies before the first day.");
        if (from > record.LastDay) return Refusal.Of(ErrorReason.StateForbids, "The change lies after the last day.");

        var checks = new FieldChecks();
        var mayHaveOne = lastDay is null || contractType == ContractType.Fixed;
        checks.Require(mayHaveOne, "last_day", "A permanent employment has no last day; end it.");
        CheckAmended(from, lastDay, checks);
        if (checks.Violations.Count > 0) return Refusal.Fields(checks.Violations);

        return Next(history, version =>
        {
            version.FromOn = from;
            version.MinutesPerWeek = request.MinutesPerWeek == 0 ? null : request.MinutesPerWeek;
            version.LastDay = lastDay;
        });
    }

    /// <summary>It ends after a last day, once.</summary>
    public static Ruling<PlacementVersion> End(PlacementHistory history, PlacementEnd end)
    {
        if (history.Record.End is not null) return HasEnded();
        if (OutsideItsDays(history.Record, end) is { } refusal) return refusal;
        return EndVersion(history, end);
    }

    /// <summary>Another end than was told, or none.</summary>
    /// <param name="end">How it ended; null when it never did.</param>
    /// <param name="expectedVersion">Version that the correction rests on; 0 for any.</param>
    public static Ruling<PlacementVersion> CorrectEnd(PlacementHistory history, PlacementEnd? end, long expectedVersion)
    {
        if (RestsOnAnother(history, expectedVersion) is { } changed) return changed;
        if (history.Record.End is not { } told) return Refusal.Of(ErrorReason.StateForbids, "No end was reported of this placement; report it with EndPlacement.");
        if (end is { } ended && OutsideItsDays(history.Record, ended) is { } refusal) return refusal;

        var checks = new FieldChecks();
        checks.Require(end != told, "last_day", "Day, reason and cause are those that were told.");
        return checks.Violations.Count > 0 ? Refusal.Fields(checks.Violations) : EndVersion(history, end);
    }

    /// <summary>Days of a change that depend on each other.</summary>
    public static void CheckAmended(DateOnly? from, DateOnly? lastDay, FieldChecks checks) =>
        checks.Require(!(lastDay < from), "last_day", "Lies before the change.");

    /// <summary>Fields of an end that depend on each other.</summary>
    public static void CheckEnd(EndReason reason, EndCause cause, FieldChecks checks)
    {
        var dropout = reason == EndReason.Dropout;
        checks.Require(!dropout || cause != EndCause.Unspecified, "cause", "A dropout has a cause.");
        checks.Require(dropout || cause == EndCause.Unspecified || reason == EndReason.Unspecified, "cause", "Only a dropout has a cause.");
    }

    /// <summary>The days on which a change adds hours, with all hours that the placement then has on them.</summary>
    public static List<Stretch> Raised(PlacementRecord before, PlacementRecord after)
    {
        // From one of these days to the next the hours before stay as they are.
        var earlier = before.Stretches().ToList();
        var days = earlier.Select(hours => hours.From)
            .Concat(earlier.Where(hours => hours.LastDay < DateOnly.MaxValue).Select(hours => hours.LastDay.AddDays(1)))
            .Distinct().Order().ToList();
        var raised = new List<Stretch>();
        foreach (var stretch in after.Stretches())
        {
            var begins = days.Where(day => stretch.From < day && day <= stretch.LastDay).Prepend(stretch.From).ToList();
            for (var i = 0; i < begins.Count; i++)
            {
                var minutes = before.IsInForce(begins[i]) ? before.MinutesOn(begins[i]) : 0;
                if (stretch.MinutesPerWeek <= minutes) continue;
                raised.Add(stretch with { From = begins[i], LastDay = i + 1 < begins.Count ? begins[i + 1].AddDays(-1) : stretch.LastDay });
            }
        }

        return raised;
    }

    private static Refusal HasEnded() => Refusal.Of(ErrorReason.StateForbids, "The placement has ended; correct its end.");

    private static Refusal? RestsOnAnother(PlacementHistory history, long expectedVersion)
    {
        if (expectedVersion == 0 || expectedVersion == history.Version) return null;
        return Refusal.Of(ErrorReason.VersionChanged, "The placement was changed meanwhile.") with
        {
            Metadata = new Dictionary<string, string> { ["version"] = $"{history.Version}" },
        };
    }

    private static Refusal? OutsideItsDays(PlacementRecord record, PlacementEnd end)
    {
        if (end.LastDay < record.StartOn) return Refusal.Of(ErrorReason.DateBeforeItsBasis, "The last day lies before the first.");
        if (end.LastDay <= record.AgreedLastDay) return null;
        return Refusal.Of(ErrorReason.StateForbids, record.End is null
            ? "An earlier last day was agreed: amend the last day first."
            : "An earlier last day was agreed: take the end back (CorrectPlacementEnd with never_ended), amend the last day, then end the placement.");
    }

    private static PlacementVersion EndVersion(PlacementHistory history, PlacementEnd? end) => Next(history, version =>
    {
        version.EndReason = end?.Reason ?? EndReason.Unspecified;
        version.EndCause = end?.Cause ?? EndCause.Unspecified;
        version.EndLastDay = end?.LastDay;
    });

    private static PlacementVersion Next(PlacementHistory history, Action<PlacementVersion> say)
    {
        var version = new PlacementVersion { PlacementId = history.Versions[0].PlacementId, Version = history.Version + 1 };
        say(version);
        return version;
    }
}
