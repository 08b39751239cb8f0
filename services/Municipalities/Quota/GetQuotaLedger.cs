using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Quota;

/// <summary>What a municipality has to realise and has realised on a date, by legal dates and as recorded at an instant.</summary>
static class GetQuotaLedger
{
    public static GetQuotaLedgerResponse Run(GetQuotaLedgerRequest request, ReadSession<MunicipalityStore> session)
    {
        var day = request.AsOf.ToDateOnly();
        var knownAt = request.KnownAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? Ledger.Now;
        var ledger = new Ledger(session.Command);
        var number = ledger.NumberOn(day, knownAt);
        var standings = ledger.On(day, knownAt);

        var response = new GetQuotaLedgerResponse
        {
            AsOf = request.AsOf,
            Year = day.Year,
            CountingUnit = number?.Unit ?? CountingUnit.Unspecified,
            PersonsAtWork = standings.AtWork.Persons,
            MinutesAtWork = standings.AtWork.Minutes,
            PersonsReserved = standings.Reserved.Persons,
            MinutesReserved = standings.Reserved.Minutes,
            RemainingMilli = QuotaArithmetic.RemainingMilli(number, standings.Held),
            OverMilli = QuotaArithmetic.OverMilli(number, standings.Held),
            Status = QuotaArithmetic.Status(number, standings),
            Waiting = standings.Waiting,
        };
        if (number is not null) response.MinisterialNumber = response.EffectiveNumber = number.Places;
        if (QuotaArithmetic.FilledShareBasisPoints(number, standings.AtWork) is { } share) response.FilledShareBasisPoints = share;
        return response;
    }
}
