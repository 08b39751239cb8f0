using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using BeschutWerk.Sector.Persons;
using Date = Google.Type.Date;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>The case of a citizen who asked UWV themselves (10b lid 3): UWV's event names no person, so UWV is asked who it is.</summary>
static class CitizenCase
{
    /// <summary>The request with its person. While UWV cannot answer, the reaction waits.</summary>
    public static async Task<AdviceRequest> AskUwvAsync(string adviceRequestId, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var answer = await scope.Client<AdviceService.AdviceServiceClient>().GetAdviceRequestAsync(
            new GetAdviceRequestRequest { Municipality = scope.Municipality.Code, AdviceRequestId = adviceRequestId }, cancellationToken: scope.Cancel);
        return answer.AdviceRequest;
    }

    /// <summary>The case of the request; or else the person's case here, opened with source SELF when they have none.</summary>
    public static SupportCase FindOrOpen(AdviceRequest request, Date openedOn, WriteSession<MunicipalityStore> session)
    {
        // Who it is about may have been corrected since UWV was asked.
        var id = Ids.Parse(request.AdviceRequestId);
        if (session.FindCaseOfCitizen(id) is { } its) return its;

        var personId = session.Persons.FindOrAdd(request.Person).PersonId;
        var known = session.Store.FindCaseOfPerson(personId);
        var supportCase = known ?? Open(request, personId, openedOn, session);
        session.NoteCaseOfCitizen(id, supportCase.CaseId);
        // What is on record stays; somebody must look at what the citizen says otherwise.
        if (known is not null && CorrectPerson.Differences(request.Person, request.Benefit, [], known, session.Persons.Get(personId)).Any())
        {
            CaseRecord.Of(session, known).Name(DiscrepancyKind.PersonDiffers, request.AdviceRequestId);
        }

        return supportCase;
    }

    private static SupportCase Open(AdviceRequest request, Guid personId, Date openedOn, WriteSession<MunicipalityStore> session)
    {
        var supportCase = new SupportCase
        {
            CaseId = Ids.New(),
            PersonId = personId,
            Source = CandidateSource.Self,
            Benefit = request.Benefit,
            KnownToMunicipality = request.PriorContact == PriorContact.Consulted,
            OpenedOn = openedOn.ToDateOnly(),
        };
        session.Store.Cases.Add(supportCase);
        session.RaiseOn(supportCase.CaseId, new CaseOpened
        {
            CaseId = supportCase.CaseId.Text(),
            AdviceRequestId = request.AdviceRequestId,
            Source = CandidateSource.Self,
            OpenedOn = openedOn,
        });
        return supportCase;
    }
}
