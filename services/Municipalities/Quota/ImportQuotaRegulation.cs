using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Reference;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>Stores a regulation as published, whole or not at all. Giving the tenants their numbers is for <see cref="QuotaApplication"/>.</summary>
static class ImportQuotaRegulation
{
    public static ImportQuotaRegulationResponse Run(ImportQuotaRegulationRequest request, Division division, WriteSession<MunicipalitiesStore> session)
    {
        var (published, effective) = (request.PublishedOn.ToDateOnly(), request.EffectiveFrom.ToDateOnly());
        var checks = new FieldChecks();
        checks.Require(effective.Year == request.Year, "effective_from", "Lies outside the year of the numbers.");
        checks.ThrowIfAny();

        var numbers = request.Numbers.Select(row => new PublishedNumber(row.Municipality, row.Number, row.Origin)).ToList();
        if (RegulationRules.Check(numbers, request.StatedTotal, published, division) is { } refusal) throw refusal.ToException();

        var regulation = new Regulation
        {
            RegulationId = Ids.New(),
            Year = request.Year,
            CountingUnit = request.CountingUnit,
            Source = request.Source,
            StatedTotal = request.StatedTotal,
            PublishedOn = published,
            EffectiveFrom = effective,
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
        return new ImportQuotaRegulationResponse { RegulationId = regulation.RegulationId.Text(), Rows = numbers.Count };
    }
}
