using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Cases by id, without persons: all, those of a state, or those that something contradicts.</summary>
static class ListCases
{
    public static void CheckFields(ListCasesRequest request, FieldChecks checks) => checks.Require(
        request.DiscrepancyKind != DiscrepancyKind.AdviceForUnknownCase, "discrepancy_kind", "Belongs to no case: read the event discrepancy-found.");

    public static ListCasesResponse Run(ListCasesRequest request, ReadSession<MunicipalityStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var (cases, next) = page.Cut(Cases(session.Store, page.After(Guid.Empty), request, page.Limit), found => found.CaseId.Text());
        var offers = LatestOffers(session.Store, cases);

        var response = new ListCasesResponse { NextPageToken = next };
        response.Cases.Add(cases.Select(found => found.ToMessage(found.OfferId is { } id ? offers[id] : null)));
        return response;
    }

    // By hand: EF Core does not compare Guids that are stored as bytes.
    private static List<SupportCase> Cases(MunicipalityStore store, Guid after, ListCasesRequest request, int most)
    {
        var (state, kind) = ((int)request.State, (int)request.DiscrepancyKind);
        if (!request.HasDiscrepancy && kind == 0)
        {
            return [.. store.Cases.FromSql($"""
                SELECT * FROM cases WHERE case_id > {after.Bytes()} AND ({state} = 0 OR state = {state})
                ORDER BY case_id LIMIT {most}
                """)];
        }

        // Only what its index holds is read: cases with a discrepancy are few among many.
        return [.. store.Cases.FromSql($"""
            SELECT * FROM cases WHERE discrepancies <> '' AND case_id > {after.Bytes()} AND ({state} = 0 OR state = {state})
              AND ({kind} = 0 OR ',' || discrepancies LIKE {$"%,{kind}:%"})
            ORDER BY case_id LIMIT {most}
            """)];
    }

    private static Dictionary<Guid, PlaceOffer> LatestOffers(MunicipalityStore store, IReadOnlyList<SupportCase> cases)
    {
        var ids = JsonSerializer.Serialize(cases.Where(found => found.OfferId is not null).Select(found => Convert.ToHexString(found.OfferId!.Value.Bytes())));
        return store.Offers.FromSql($"SELECT * FROM offers WHERE offer_id IN (SELECT unhex(value) FROM json_each({ids}))").ToDictionary(offer => offer.OfferId);
    }
}
