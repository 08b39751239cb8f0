using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>Stores a regulation as published, whole or not at all. Giving the tenants their numbers is for <see cref="QuotaApplication"/>.</summary>
static class ImportQuotaRegulation
{
    /// <param name="division">The division of the country.</param>
    /// <param name="today">The day in Europe/Amsterdam.</param>
    public static void CheckFields(ImportQuotaRegulationRequest request, Division division, DateOnly today, FieldChecks checks)
    {
        PersonalData.Check(checks, ("source", request.Source));
        if (request.EffectiveFrom.ToDayOrNull() is not { } effective) return;
        checks.Require(effective.Year == request.Year || !checks.Keeps("year"), "effective_from", "Lies outside the year of the numbers.");
        if (request.PublishedOn.ToDayOrNull() is not { } published || !checks.Keeps("numbers")) return;
        if (RegulationRules.Check(NumbersOf(request), SharesOf(request), request.StatedTotal, published, effective, division, today) is not { } refusal) return;
        // Numbers of which one is none add up to nothing.
        var addUp = Enumerable.Range(0, request.Numbers.Count).All(i => checks.Keeps($"numbers[{i}].number"));
        checks.Add(addUp ? refusal : refusal with { Violations = [.. refusal.Violations.Where(found => found.Field != "stated_total")] });
    }

    public static ImportQuotaRegulationResponse Run(ImportQuotaRegulationRequest request, WriteSession<MunicipalitiesStore> session)
    {
        var (numbers, shares) = (NumbersOf(request), SharesOf(request));
        var regulation = new Regulation
        {
            RegulationId = Ids.New(),
            Year = request.Year,
            CountingUnit = request.CountingUnit,
            Source = request.Source,
            StatedTotal = request.StatedTotal,
            PublishedOn = request.PublishedOn.ToDateOnly(),
            EffectiveFrom = request.EffectiveFrom.ToDateOnly(),
            RecordedAt = session.Now,
        };
        session.Store.Regulations.Add(regulation);
        session.Store.RegulationNumbers.AddRange(numbers.Select(row => new RegulationNumber
        {
            RegulationId = regulation.RegulationId,
            Code = row.Code,
            Number = row.Number,
            Origin = row.Origin,
        }));
        session.Store.RegulationShares.AddRange(shares.Select(share => new RegulationShare
        {
            RegulationId = regulation.RegulationId,
            Code = share.Code,
            Successor = share.Successor,
            Number = share.Number,
        }));
        return new ImportQuotaRegulationResponse { RegulationId = regulation.RegulationId.Text(), Rows = numbers.Count };
    }

    private static List<PublishedNumber> NumbersOf(ImportQuotaRegulationRequest request) =>
        [.. request.Numbers.Select(row => new PublishedNumber(row.Municipality, row.Number, row.Origin))];

    private static List<PublishedShare> SharesOf(ImportQuotaRegulationRequest request) =>
        [.. request.SplitShares.Select(share => new PublishedShare(share.Municipality, share.Successor, share.Number))];
}
