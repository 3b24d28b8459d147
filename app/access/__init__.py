"""Who may do what, and who sees which rows."""

from app.access.scope import Scope, ScopeViolation, current_scope, enter_scope, everything, scope_of, using_scope

__all__ = ["Scope", "ScopeViolation", "current_scope", "enter_scope", "everything", "scope_of", "using_scope"]
