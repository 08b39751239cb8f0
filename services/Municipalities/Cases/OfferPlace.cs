using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Quota;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Offers a place and reserves it. Check and reservation are one operation of the store's only writer: the last place goes
/// to exactly one case.
/// </summary>
static class OfferPlace
{
    /// <summary>A place that a company freed, where the number seems reached.</summary>
    public static readonly MayBeLate FreedPlace = new(ErrorReason.NumberReached, "swcompanies");

    public static void CheckFields(OfferPlaceRequest request, FieldChecks checks)
    {
        var oneEmployer = (request.CompanyId.Length == 0) != (request.Employer.Length == 0);
        checks.Require(oneEmployer, "company_id", "Give either company_id or employer.");
        checks.Require(oneEmployer, "employer", "Give either company_id or employer.");
        // Kept as they are, and the employer is told to sw-companies.
        PersonalData.Check(checks, ("employer", request.Employer), ("budget_decision", request.BudgetDecision));
    }

    public static OfferPlaceResponse Run(OfferPlaceRequest request, WriteSession<MunicipalityStore> session)
    {
        var record = session.Record(request.CaseId);
        var terms = new PlaceTerms(
            Ids.New(), request.CompanyId, request.Employer, request.PlannedStart.ToDateOnly(), request.MinutesPerWeek,
            request.OfferedOn.ToDateOnly(), request.BudgetDecision.Trim());
        var (number, held, reached) = Check(request, record.Row.CaseId, new Ledger(session.Command));
        var offered = record.Decide(terms.OfferedOn, view => CaseRules.Offer(view, terms, reached));

        session.Store.Offers.Add(PlaceOffer.From(offered, terms.BudgetDecision));
        record.Record(offered);
        if (QuotaArithmetic.IsReachedBy(number, held, terms.MinutesPerWeek))
        {
            session.Raise(new QuotaReached { Year = number!.Year, Number = number.Places, ReachedOn = request.OfferedOn }, $"{number.Year}");
        }

        return new OfferPlaceResponse
        {
            CaseId = record.Row.CaseId.Text(),
            State = record.Row.State,
            Version = record.Row.Version,
            OfferId = offered.OfferId,
            AboveNumber = offered.AboveNumber,
        };
    }

    /// <summary>The number of the planned start's year, and what is held of it on the day of the offer.</summary>
    private static (Number? Number, Use Held, bool Reached) Check(OfferPlaceRequest request, Guid caseId, Ledger ledger)
    {
        var number = ledger.NumberOn(request.PlannedStart.ToDateOnly());
        var held = ledger.HeldFrom(request.OfferedOn.ToDateOnly(), caseId);
        return (number, held, QuotaArithmetic.IsReached(number, held));
    }
}
