using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Cases;
using Date = Google.Type.Date;

namespace BeschutWerk.Municipalities.FromUwv;

/// <summary>The case of a citizen who asked UWV himself (10b lid 3): UWV's event names no person, so UWV is asked who it is.</summary>
static class CitizenCase
{
    /// <summary>The request with its person. While UWV cannot answer, the reaction waits.</summary>
    public static async Task<AdviceRequest> AskUwvAsync(string adviceRequestId, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var answer = await scope.Client<AdviceService.AdviceServiceClient>().GetAdviceRequestAsync(
            new GetAdviceRequestRequest { Municipality = scope.Municipality.Code, AdviceRequestId = adviceRequestId }, cancellationToken: scope.Cancel);
        return answer.AdviceRequest;
    }

    /// <summary>Keeps who asked until the advice makes a case of it. No person: only how UWV's event names him, such as <c>citizen:…</c>.</summary>
    public static void NoteWhoAsked(Guid adviceRequestId, string actor, WriteSession<MunicipalityStore> session)
    {
        var note = session.Statement("INSERT INTO citizen_requests (advice_request_id, actor) VALUES (?1, ?2)");
        note.Bind(1, adviceRequestId);
        note.Bind(2, actor);
        note.Run();
    }

    /// <summary>Who asked; null when his request never came by.</summary>
    public static string? WhoAsked(Guid adviceRequestId, WriteSession<MunicipalityStore> session)
    {
        var row = session.Statement("SELECT actor FROM citizen_requests WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        var actor = row.Step() ? row.Text(0) : null;
        row.Reset();
        return actor;
    }

    /// <summary>The person's case here, opened with source SELF when he has none.</summary>
    public static SupportCase FindOrOpen(
        AdviceRequest request, string? citizen, Date openedOn, WriteSession<MunicipalityStore> session)
    {
        var personId = session.Persons.FindOrAdd(request.Person);
        var supportCase = session.Store.FindCaseOfPerson(personId) ?? Open(request, personId, openedOn, session);
        supportCase.Citizen = citizen ?? supportCase.Citizen;
        session.Adopt(supportCase.CaseId, Ids.Parse(request.AdviceRequestId));
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
