using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>For whom a row of a regulation, or a share of it, counts.</summary>
/// <param name="Row">The row: its municipality, as published.</param>
/// <param name="CountsFor">The municipality that it counts for.</param>
/// <param name="Number">Places, or employment relationships.</param>
/// <param name="IsRegistered">Whether that municipality takes part, so that it was given the number.</param>
/// <param name="IsUndivided">Whether it stays with a municipality that was split, because nobody said how it is divided.</param>
public readonly record struct Allotted(PublishedNumber Row, string CountsFor, int Number, bool IsRegistered, bool IsUndivided = false);

/// <summary>
/// For whom the numbers of a regulation count. A row follows its municipality's line of succession to the first municipality that
/// takes part and was still there when the regulation took effect; without one, to the end of the line. Each place counts for
/// exactly one municipality, so that what was given and what counts for those that take no part are together the total.
/// </summary>
/// <param name="effectiveFrom">Day from which the numbers hold.</param>
/// <param name="shares">How rows of municipalities that were split are divided.</param>
/// <param name="tenants">Codes of the registered municipalities.</param>
/// <param name="division">The division of the country.</param>
/// <param name="today">Today.</param>
public sealed class Allotment(
    DateOnly effectiveFrom, RegulationShares shares, IReadOnlySet<string> tenants, Division division, DateOnly today)
{
    /// <summary>For whom each row counts; a row that is divided stands there once for each share.</summary>
    public IEnumerable<Allotted> Of(IEnumerable<PublishedNumber> rows) => rows.SelectMany(row => Follow(row, row.Code, row.Number));

    /// <summary>The number of each registered municipality.</summary>
    public static Dictionary<string, PublishedNumber> OfTenants(IEnumerable<Allotted> parts) => parts
        .Where(part => part.IsRegistered)
        .GroupBy(part => part.CountsFor)
        .ToDictionary(parts => parts.Key, parts => new PublishedNumber(parts.Key, parts.Sum(part => part.Number), OriginOf(parts)));

    private IEnumerable<Allotted> Follow(PublishedNumber row, string code, int number)
    {
        var day = RegulationShares.Latest(today, effectiveFrom);
        var dissolution = division.DissolutionOf(code) is { } found && found.IsInEffect(day, today) ? found : null;
        if (tenants.Contains(code) && !(dissolution?.Date <= effectiveFrom)) return [new Allotted(row, code, number, IsRegistered: true)];
        if (dissolution is null) return [new Allotted(row, code, number, IsRegistered: false)];
        if (!dissolution.IsSplit) return Follow(row, dissolution.Successors[0], number);
        return dissolution.Successors.Any(successor => shares.Of(row.Code, successor) is null)
            ? [new Allotted(row, code, number, IsRegistered: false, IsUndivided: true)]
            : dissolution.Successors.SelectMany(successor => Follow(row, successor, shares.Of(row.Code, successor)!.Value));
    }

    /// <summary>A sum with a synthetic part is synthetic.</summary>
    private static QuotaOrigin OriginOf(IEnumerable<Allotted> parts) =>
        parts.Any(part => part.Row.Origin == QuotaOrigin.Synthetic) ? QuotaOrigin.Synthetic : QuotaOrigin.Regulation;
}
