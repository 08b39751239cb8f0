using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>One number as published.</summary>
public readonly record struct PublishedNumber(string Code, int Number, QuotaOrigin Origin);

/// <summary>What a regulation must be (10b lid 4), and for whom its numbers count.</summary>
public static class RegulationRules
{
    /// <summary>Whether the numbers are whole: every municipality of the division once, no others, and the stated total.</summary>
    /// <returns>All that is wrong, every code named; null when nothing is.</returns>
    public static Refusal? Check(IReadOnlyList<PublishedNumber> numbers, int statedTotal, DateOnly publishedOn, Division division)
    {
        var existing = division.On(publishedOn).ToHashSet();
        var named = new HashSet<string>();
        var unknown = new FieldChecks();
        var incomplete = new FieldChecks();
        var sum = new FieldChecks();

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

        var violations = unknown.Violations.Concat(incomplete.Violations).Concat(sum.Violations).ToList();
        if (violations.Count == 0) return null;
        var reason = unknown.Violations.Count > 0 ? ErrorReason.QuotaCodeUnknown
            : incomplete.Violations.Count > 0 ? ErrorReason.QuotaDivisionIncomplete
            : ErrorReason.QuotaSumDiffers;
        return Refusal.Of(reason, $"The regulation is not whole: {violations.Count} thing(s) are wrong.") with { Violations = violations };
    }

    /// <summary>
    /// The number of each registered municipality. A row counts for the municipality itself when it is registered, else for
    /// the nearest registered one that took over from it: each row for exactly one, so that the total stays the total.
    /// </summary>
    public static Dictionary<string, PublishedNumber> ForTenants(
        IEnumerable<PublishedNumber> numbers, IReadOnlySet<string> tenants, Division division, DateOnly today)
    {
        var result = new Dictionary<string, PublishedNumber>();
        foreach (var row in numbers)
        {
            if (division.Line(row.Code, today).FirstOrDefault(tenants.Contains) is not { } tenant) continue;
            result[tenant] = result.TryGetValue(tenant, out var sum)
                ? sum with { Number = sum.Number + row.Number, Origin = Worse(sum.Origin, row.Origin) }
                : row with { Code = tenant };
        }

        return result;
    }

    /// <summary>A sum with a synthetic part is synthetic.</summary>
    private static QuotaOrigin Worse(QuotaOrigin left, QuotaOrigin right) =>
        left == QuotaOrigin.Synthetic || right == QuotaOrigin.Synthetic ? QuotaOrigin.Synthetic : QuotaOrigin.Regulation;
}
