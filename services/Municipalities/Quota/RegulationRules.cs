using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>One number as published.</summary>
public readonly record struct PublishedNumber(string Code, int Number, QuotaOrigin Origin);

/// <summary>What a regulation must be (10b lid 4).</summary>
public static class RegulationRules
{
    /// <summary>
    /// Whether the numbers are whole: every municipality of the division once, no others, and the stated total; and whether the
    /// rows of those that were split are divided (<see cref="RegulationShares.Check"/>).
    /// </summary>
    /// <returns>All that is wrong, every code named; null when nothing is.</returns>
    public static Refusal? Check(
        IReadOnlyList<PublishedNumber> numbers, IReadOnlyList<PublishedShare> shares, int statedTotal,
        DateOnly publishedOn, DateOnly effectiveFrom,
        Division division, DateOnly today)
    {
        var existing = division.On(publishedOn).ToHashSet();
        var named = new HashSet<string>();
        var unknown = new FieldChecks();
        var incomplete = new FieldChecks();
        var sum = new FieldChecks();
        var divided = new FieldChecks();

        for (var i = 0; i < numbers.Count; i++)
        {
            var code = numbers[i].Code;
            unknown.Require(existing.Contains(code), $"numbers[{i}].municipality", $"{code} did not exist on the day of publication.");
            incomplete.Require(named.Add(code), $"numbers[{i}].municipality", $"{code} is named before.");
        }

        // In one line: a refusal lists only so many, and hundreds may be missing.
        var missing = existing.Except(named).Order().ToList();
        incomplete.Require(missing.Count == 0, "numbers", $"{string.Join(", ", missing)} missing.");
        var total = numbers.Sum(number => (long)number.Number);
        sum.Require(total == statedTotal, "stated_total", $"The numbers add up to {total}.");

        RegulationShares.Check(numbers, shares, effectiveFrom, division, today, divided);
        var violations = unknown.Violations.Concat(incomplete.Violations).Concat(sum.Violations).Concat(divided.Violations).ToList();
        if (violations.Count == 0) return null;
        var reason = unknown.Violations.Count > 0 ? ErrorReason.QuotaCodeUnknown
            : incomplete.Violations.Count > 0 ? ErrorReason.QuotaDivisionIncomplete
            : sum.Violations.Count > 0 ? ErrorReason.QuotaSumDiffers
            : ErrorReason.QuotaSplitUndivided;
        return Refusal.Of(reason, $"The regulation is not whole: {violations.Count} thing(s) are wrong.") with { Violations = violations };
    }
}
